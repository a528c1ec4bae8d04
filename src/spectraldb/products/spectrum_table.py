"""Tables of spectra, in either of two layouts.

A scalar table contains one spectrum, with one row per wavelength.  A vector table (jwst 1.19.0 and
later: time series and slitless spectra) contains one spectrum per row, padded to the longest; the
length without padding is in N_ALONGDISP.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.table import Field, TableHdu
from spectraldb.products.position import is_position
from spectraldb.products.spectrum_metadata import SpectrumMetadata, row_column_name
from spectraldb.schema.columns import by_fits_name, canonical_fits_name
from spectraldb.units import MICRON, is_spectral

CACHE_BYTES = 64 * 2**20
"""Maximum total size of the tables of a product that are read once and cached."""

CHUNK_BYTES = 16 * 2**20
"""Bytes to read at once from larger tables; slitless and time-series tables can have GBs."""


class SpectrumTable:
    """The spectra of one EXTRACT1D or COMBINE1D table.

    Not thread-safe, like the file that it reads.

    Parameters
    ----------
    hdu
        The table.
    first
        Number of the first spectrum of the table in the product.
    cache_rows
        Whether rows stay in memory for the next column.

    Raises
    ------
    RefusedError
        If the table has no WAVELENGTH or no FLUX column.
    """

    def __init__(self, hdu: TableHdu, first: int, *, cache_rows: bool) -> None:
        self.hdu = hdu
        self.first = first
        self._cache_rows = cache_rows
        self._cached_rows: Array | None = None
        self.fields = _canonical_fields(hdu.fields)
        """The fields by the current name of the pipeline, in upper case."""
        missing = [name for name in ("WAVELENGTH", "FLUX") if name not in self.fields]
        if missing:
            raise RefusedError(f"Table {hdu.name or 1} has no column {' or '.join(missing)}.")

    @cached_property
    def wavelength_unit(self) -> str:
        """Unit of the wavelengths in the file; micron if it names none.

        Raises RefusedError if the unit is not spectral.
        """
        unit = self.fields["WAVELENGTH"].unit or MICRON
        if not is_spectral(unit):
            raise RefusedError(f"The wavelengths have the unit {unit!r}, which is not spectral.")
        return unit

    def _shape(self, key: str) -> tuple[int, ...]:
        return self.hdu.cell_shape(self.fields[key])

    def _dtype(self, key: str) -> np.dtype[Any]:
        return self.hdu.row_dtype[self.fields[key].name]

    @cached_property
    def is_vector(self) -> bool:
        """Whether each row is a spectrum, not a wavelength."""
        return bool(self._shape("WAVELENGTH"))

    @cached_property
    def row_keys(self) -> list[str]:
        """The columns with one value per spectrum, in order."""
        return [key for key in self.fields if self.is_vector and not self._shape(key)]

    @cached_property
    def pixel_keys(self) -> list[str]:
        """The columns with one value per pixel, in order."""
        return [key for key in self.fields if key not in self.row_keys]

    @property
    def n_spectra(self) -> int:
        """Number of spectra, including sources that are absent from an exposure."""
        return self.hdu.n_rows if self.is_vector else 1

    @cached_property
    def lengths(self) -> Array:
        """Lengths of the spectra without padding, shape (spectra,)."""
        if not self.is_vector:
            return np.array([self.hdu.n_rows])
        width = self._shape("WAVELENGTH")[0]
        if self.fields["WAVELENGTH"].element:
            return self.hdu.array_lengths(self.fields["WAVELENGTH"])
        if "N_ALONGDISP" not in self.fields:
            return np.full(self.hdu.n_rows, width)
        lengths = self.hdu.column(self.fields["N_ALONGDISP"])
        return np.asarray(np.minimum(np.nan_to_num(lengths).astype("i8"), width))

    def row_chunks(self) -> Iterator[tuple[int, Array]]:
        """Yield the rows in chunks, each with the index of its first spectrum in the table."""
        if not self.is_vector or self._cache_rows:
            rows = self.hdu.rows() if self._cached_rows is None else self._cached_rows
            self._cached_rows = rows if self._cache_rows else None
            yield 0, rows
            return
        step = max(1, CHUNK_BYTES // self.hdu.row_dtype.itemsize)
        for start in range(0, self.hdu.n_rows, step):
            yield start, self.hdu.rows(start, start + step)

    def _column_chunks(self, key: str) -> Iterator[tuple[int, Array]]:
        """Yield a pixel column in chunks, each with the index of its first spectrum."""
        if not self.is_vector or self._cache_rows:
            for start, rows in self.row_chunks():
                yield start, self.pixel_grid(key, rows)
            return
        field = self.fields[key]
        step = max(1, CHUNK_BYTES // self._dtype(key).itemsize)
        for start in range(0, self.hdu.n_rows, step):
            yield start, self.hdu.column(field, start, start + step)

    def pixel_grid(self, key: str, rows: Array) -> Array:
        """Return a pixel column of a range of rows with padding, shape (spectra, pixels)."""
        values = self.hdu.values(self.fields[key], rows)
        return values if self.is_vector else values[np.newaxis]

    def inside(self, start: int, grid: Array) -> Array:
        """Return the mask of the pixels that are not padding; `start` is the first spectrum."""
        lengths = self.lengths[start : start + len(grid)]
        return np.asarray(np.arange(grid.shape[1]) < lengths[:, np.newaxis])

    def pixels(self, key: str, index: int | None = None) -> Iterator[Array]:
        """Yield the values of a pixel column of all spectra, or of the spectrum at an index."""
        if index is not None and self.is_vector:
            row = self.hdu.rows(index, index + 1)
            yield self.pixel_grid(key, row)[0][: self.lengths[index]]
            return
        for start, grid in self._column_chunks(key):
            yield grid[self.inside(start, grid)]

    def _row_values(self, key: str, rows: Array) -> list[object]:
        """Return the values of a column with one value per spectrum; None for TNULL."""
        field = self.fields[key]
        values: list[object] = self.hdu.values(field, rows).tolist()
        if field.null is None:
            return values
        return [None if value != value else value for value in values]  # noqa: PLR0124 - NaN

    def row_metadata(self, rows: Array) -> Iterator[SpectrumMetadata]:
        """Yield the metadata of the spectrum in each row of a vector table."""
        names = [row_column_name(key) for key in self.row_keys]
        columns = [self._row_values(key, rows) for key in self.row_keys]
        for values in zip(*columns, strict=True) if columns else ((),) * len(rows):
            metadata: SpectrumMetadata = dict(zip(names, values, strict=True))
            ra, dec = metadata.get("sourceRa"), metadata.get("sourceDec")
            if is_position(ra, dec):
                metadata |= {"ra": float(str(ra)) % 360.0, "dec": dec, "positionFrom": "source"}
            yield metadata


def _canonical_fields(fields: Sequence[Field]) -> dict[str, Field]:
    """Return fields by their current name; further fields of the same meaning come last."""
    keys = {field.key for field in fields}
    named, others = {}, {}
    for field in fields:
        column = by_fits_name(field.key)
        aliases = column.fits if column else (field.key,)
        if field.key == next(name for name in aliases if name in keys):
            named[canonical_fits_name(field.key)] = field
        else:
            others[field.key] = field
    return named | others
