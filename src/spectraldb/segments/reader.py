"""A reader of segments: their spectra, and the values of selected pixels."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import ARRAY_FILES, Array
from spectraldb.derive.statistics import pixel_snr
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.format import (
    FORMAT,
    MANIFEST,
    SPECTRA,
    ZONE,
    Encoding,
    Manifest,
    column_file,
    null_code,
)
from spectraldb.segments.pixel_rows import Pixels

SPECTRUM_KEYS = ("productId", "spectrum")
"""Columns of SpectralPixel that identify the spectrum of a pixel."""


class Segment:
    """A segment in a folder.

    Thread-safe: its files never change, and if two threads compute the same cached value at the
    same time, the results are equal.

    Parameters
    ----------
    folder
        Folder of the segment.
    manifest
        Manifest of the segment.
    spectra
        The rows of SpectralCharacteristics for its spectra, with two more columns: ``first``, the
        row of the first pixel of the spectrum, and ``count``, its number of pixels.
    """

    def __init__(self, folder: Path, manifest: Manifest, spectra: pa.Table) -> None:
        self._folder = folder
        self._manifest = manifest
        self.spectra = spectra
        self._arrays: dict[tuple[str, str], Array] = {}
        self._numbers: dict[str, Array] = {}
        self._at_row_0: dict[str, Array] = {}

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the segment in a folder and map all its files, which detects damaged ones.

        Raises
        ------
        OSError, ValueError
            If the segment does not exist, is incomplete, or has another format.
        """
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        if manifest.format != FORMAT:
            raise ValueError(f"{folder}: The segment has another format.")
        with pa.memory_map(str(folder / SPECTRA)) as source:
            segment = cls(folder, manifest, pa.ipc.open_file(source).read_all().combine_chunks())
        segment.map_files()
        return segment

    def map_files(self) -> None:
        """Map all files; raise OSError or ValueError if one is missing or truncated."""
        for name, part in self._manifest.parts:
            self._load(name, part)

    @cached_property
    def first(self) -> Array:
        """Row of the first pixel of each spectrum, shape (spectra,)."""
        return np.asarray(self.spectra["first"].to_numpy())

    @cached_property
    def count(self) -> Array:
        """Number of pixels of each spectrum, shape (spectra,)."""
        return np.asarray(self.spectra["count"].to_numpy())

    @cached_property
    def product_id(self) -> Array:
        """Product number of each spectrum, shape (spectra,)."""
        return np.asarray(self.spectra["productId"].to_numpy())

    @cached_property
    def spectrum_number(self) -> Array:
        """Number of each spectrum in its product, shape (spectra,)."""
        return np.asarray(self.spectra["spectrum"].to_numpy())

    def spectrum_values(self, name: str) -> Array:
        """Return a column of the spectra as float64 with NaN for null, shape (spectra,)."""
        if name not in self._numbers:
            values = pc.fill_null(self.spectra[name].cast(pa.float64(), safe=False), np.nan)
            self._numbers[name] = values.to_numpy()
        return self._numbers[name]

    def zones(self, name: str) -> tuple[Array, Array] | None:
        """Return the minima and maxima of the zones, shape (zones,); None if there are none."""
        column = self._manifest.columns.get(name)
        if column is None or not column.zones:
            return None
        return self._load(name, "low"), self._load(name, "high")

    def nulls(self, name: str) -> tuple[Array, Array] | None:
        """Return masks of the zones and of the spectra that have nulls; None if there are none."""
        column = self._manifest.columns.get(name)
        if column is None or not column.nulls:
            return None
        return self._load(name, "nullZones"), self._load(name, "nullSpectra")

    @property
    def has_ascending_wavelengths(self) -> Array:
        """Mask of the spectra whose wavelengths never decrease and are not null."""
        return self._load("wavelength", "ascending")

    def values(self, name: str, rows: Pixels) -> Array:
        """Return the values of pixels as stored: null is NaN or the maximum of an integer type."""
        if name in SPECTRUM_KEYS:
            return self._per_pixel(self.spectra[name].to_numpy(), rows)
        encoding = self._manifest.columns[name].encoding
        if encoding is Encoding.DENSE:
            return self._dense(name, rows)
        return self._decoders[encoding](name, rows)

    @cached_property
    def _decoders(self) -> dict[Encoding, Callable[[str, Pixels], Array]]:
        return {
            Encoding.CONSTANT: lambda name, rows: self._per_pixel(self._load(name), rows),
            Encoding.COUNTER: self._counter,
            Encoding.PIXEL: lambda _, rows: self.values("pixel", rows),
            Encoding.PLANE: self._plane,
            Encoding.COMPUTED: self._snr,
            Encoding.ABSENT: lambda _, rows: np.full(len(rows), np.nan),
        }

    def _plane(self, name: str, rows: Pixels) -> Array:
        first_plane = self._per_pixel(self._load(name, "first"), rows)
        planes: Array = self._load(name)[first_plane + self.values("pixel", rows)]
        return planes

    def _snr(self, _: str, rows: Pixels) -> Array:
        return pixel_snr(self.values("flux", rows), self.values("fluxErr", rows))

    def _counter(self, name: str, rows: Pixels) -> Array:
        index = rows.index
        row = np.arange(index.start, index.stop) if isinstance(index, slice) else index
        if name not in self._at_row_0:
            self._at_row_0[name] = self._load(name) - self.first
        counted: Array = row + self._per_pixel(self._at_row_0[name], rows)
        return counted

    def column(self, name: str, rows: Pixels) -> pa.Array:
        """Return the values of pixels in the types of SpectralPixel, with nulls."""
        if name == "snr":
            return pa.array(self.values(name, rows), from_pandas=True)
        dtype = SCHEMAS[Table.PIXEL].field(name).type
        if name in SPECTRUM_KEYS:
            return pa.array(self.values(name, rows)).cast(dtype)
        if self._manifest.columns[name].encoding is Encoding.ABSENT:
            return pa.nulls(len(rows), dtype)
        values = self.values(name, rows)
        if values.dtype.kind == "f":
            return pa.array(np.asarray(values, "f8"), from_pandas=True)
        null = values == null_code(values.dtype)
        return pa.array(values, mask=null if null.any() else None).cast(dtype)

    def _per_pixel(self, values: Array, rows: Pixels) -> Array:
        per_pixel: Array = values[rows.spectrum_index]
        return per_pixel

    def _dense(self, name: str, rows: Pixels) -> Array:
        values = self._load(name)
        if rows.zones is None:
            return np.asarray(values[rows.index])
        # Copying blocks is several times as fast as single values.
        whole = values[: len(values) // ZONE * ZONE].reshape(-1, ZONE)
        return np.asarray(whole[rows.zones].ravel())

    def _load(self, name: str, part: str = "") -> Array:
        if (name, part) not in self._arrays:
            path = column_file(self._folder, name, part)
            with ARRAY_FILES:
                self._arrays[name, part] = np.asarray(np.load(path, mmap_mode="r"))
        return self._arrays[name, part]
