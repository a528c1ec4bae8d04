"""A reader of segments: their spectra, and the values of selected pixels."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.derive.statistics import pixel_snr
from spectraldb.lake.product_table import encode
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.format import (
    FORMAT,
    MANIFEST,
    SPECTRA,
    Encoding,
    Manifest,
    column_file,
    null_code,
)

SPECTRUM_KEYS = ("productId", "spectrum")
"""Columns of SpectralPixel that identify the spectrum of a pixel."""


@dataclass(frozen=True)
class PixelRows:
    """A selection of pixels of a segment."""

    index: slice | Array
    """Row indices of the pixels in the segment."""
    spectrum_index: Array
    """Index of the spectrum of each pixel in the segment, shape (rows,)."""

    def __len__(self) -> int:
        return len(self.spectrum_index)

    def take(self, index: Array) -> "PixelRows":
        """Return the pixels with some positions among these, shape (taken,)."""
        rows = self.index
        taken = index + rows.start if isinstance(rows, slice) else rows[index]
        return PixelRows(taken, self.spectrum_index[index])

    def filter(self, mask: Array) -> "PixelRows":
        """Return the pixels for which a mask of shape (rows,) is true."""
        index = self.index
        if isinstance(index, slice):
            return PixelRows(np.flatnonzero(mask) + index.start, self.spectrum_index[mask])
        return PixelRows(index[mask], self.spectrum_index[mask])


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
        self._encoded: dict[str, pa.Array] = {}

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

    def encoded_column(self, name: str) -> pa.Array:
        """Return a column of the spectra, text dictionary-encoded; shape (spectra,)."""
        if name not in self._encoded:
            self._encoded[name] = encode(self.spectra[name])
        return self._encoded[name]

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

    def values(self, name: str, rows: PixelRows) -> Array:
        """Return the values of pixels as stored: null is NaN or the maximum of an integer type."""
        if name in SPECTRUM_KEYS:
            return self._per_pixel(self.spectra[name].to_numpy(), rows)
        encoding = self._manifest.columns[name].encoding
        if encoding is Encoding.DENSE:
            return self._take(name, rows.index)
        return self._decoders[encoding](name, rows)

    @cached_property
    def _decoders(self) -> dict[Encoding, Callable[[str, PixelRows], Array]]:
        return {
            Encoding.CONSTANT: lambda name, rows: self._per_pixel(self._load(name), rows),
            Encoding.COUNTER: self._counter,
            Encoding.PIXEL: lambda _, rows: self.values("pixel", rows),
            Encoding.PLANE: self._plane,
            Encoding.COMPUTED: self._snr,
            Encoding.ABSENT: lambda _, rows: np.full(len(rows), np.nan),
        }

    def _plane(self, name: str, rows: PixelRows) -> Array:
        first_plane = self._per_pixel(self._load(name, "first"), rows)
        return self._take(name, first_plane + self.values("pixel", rows))

    def _snr(self, _: str, rows: PixelRows) -> Array:
        return pixel_snr(self.values("flux", rows), self.values("fluxErr", rows))

    def _counter(self, name: str, rows: PixelRows) -> Array:
        index = rows.index
        row = np.arange(index.start, index.stop) if isinstance(index, slice) else index
        at_row_0 = self._load(name) - self.first
        counted: Array = row + self._per_pixel(at_row_0, rows)
        return counted

    def column(self, name: str, rows: PixelRows) -> pa.Array:
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

    def _per_pixel(self, values: Array, rows: PixelRows) -> Array:
        per_pixel: Array = values[rows.spectrum_index]
        return per_pixel

    def _take(self, name: str, index: slice | Array) -> Array:
        values: Array = self._load(name)[index]
        return values

    def _load(self, name: str, part: str = "") -> Array:
        if (name, part) not in self._arrays:
            path = column_file(self._folder, name, part)
            self._arrays[name, part] = np.asarray(np.load(path, mmap_mode="r"))
        return self._arrays[name, part]
