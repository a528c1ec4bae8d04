"""A table of spectra, in either of its two layouts.

A scalar table is one spectrum, a row a wavelength.  A vector table (jwst 1.19.0 and later: time
series and slitless spectra) holds a spectrum in each row, padded to the longest, whose true
length N_ALONGDISP says.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.table import Field, TableHdu
from spectraldb.products.position import is_position
from spectraldb.products.spectrum_metadata import Entry, row_name

KEEP_BYTES = 64 * 2**20
"""Tables of a product that are no larger together are read once, and kept."""

CHUNK_BYTES = 16 * 2**20
"""How much of others is read at once; slitless and time-series tables can be of many GB."""


class SpectrumTable:
    """The spectra of one EXTRACT1D or COMBINE1D.

    Parameters
    ----------
    hdu
        The table.
    keep
        Whether to keep what was read, for the next column.

    Raises
    ------
    RefusedError
        If it has no wavelengths or no fluxes.
    """

    def __init__(self, hdu: TableHdu, *, keep: bool) -> None:
        self.hdu = hdu
        self._keep = keep
        self._kept: Array | None = None
        self.fields: dict[str, Field] = {field.key: field for field in hdu.fields}
        missing = [name for name in ("WAVELENGTH", "FLUX") if name not in self.fields]
        if missing:
            raise RefusedError(f"table {hdu.name or 1} has no column {' or '.join(missing)}")

    def _dtype(self, key: str) -> np.dtype[Any]:
        return self.hdu.row_dtype[self.fields[key].name]

    @cached_property
    def vector(self) -> bool:
        """Whether a row is a spectrum, not a wavelength."""
        return bool(self._dtype("WAVELENGTH").shape)

    @cached_property
    def row_keys(self) -> list[str]:
        """The columns that hold one value a spectrum, in order."""
        return [key for key in self.fields if self.vector and not self._dtype(key).shape]

    @cached_property
    def pixel_keys(self) -> list[str]:
        """The columns that hold a value for each pixel, in order."""
        return [key for key in self.fields if key not in self.row_keys]

    @property
    def n_spectra(self) -> int:
        """How many spectra there are; a source absent from an exposure counts."""
        return self.hdu.n_rows if self.vector else 1

    @cached_property
    def lengths(self) -> Array:
        """The true lengths of the spectra, shape (spectra,)."""
        if not self.vector:
            return np.array([self.hdu.n_rows])
        width = self._dtype("WAVELENGTH").shape[0]
        if "N_ALONGDISP" not in self.fields:
            return np.full(self.hdu.n_rows, width)
        told = self.hdu.column(self.fields["N_ALONGDISP"])
        return np.asarray(np.minimum(told.astype("i8"), width))

    def pieces(self) -> Iterator[tuple[int, Array]]:
        """Yield the table in ranges of rows, each with the number of its first spectrum."""
        if not self.vector or self._keep:
            rows = self.hdu.rows() if self._kept is None else self._kept
            self._kept = rows if self._keep else None
            yield 0, rows
            return
        step = max(1, CHUNK_BYTES // self.hdu.row_dtype.itemsize)
        for start in range(0, self.hdu.n_rows, step):
            yield start, self.hdu.rows(start, start + step)

    def grids(self, key: str) -> Iterator[tuple[int, Array]]:
        """Yield a pixel column in ranges of spectra, each with the number of its first."""
        if not self.vector or self._keep:
            for first, rows in self.pieces():
                yield first, self.grid(key, rows)
            return
        field = self.fields[key]
        step = max(1, CHUNK_BYTES // self._dtype(key).itemsize)
        for start in range(0, self.hdu.n_rows, step):
            yield start, self.hdu.column(field, start, start + step)

    def grid(self, key: str, rows: Array) -> Array:
        """Return a pixel column of some rows, shape (spectra, pixels)."""
        values = self.hdu.values(self.fields[key], rows)
        return values if self.vector else values[np.newaxis]

    def inside(self, first: int, grid: Array) -> Array:
        """Return which pixels of a grid of spectra from `first` on are no padding."""
        lengths = self.lengths[first : first + len(grid)]
        return np.asarray(np.arange(grid.shape[1]) < lengths[:, np.newaxis])

    def pixels(self, key: str, spectrum: int | None = None) -> Iterator[Array]:
        """Yield the values of a pixel column: those of all spectra end to end, or of one."""
        if spectrum is not None and self.vector:
            row = self.hdu.rows(spectrum, spectrum + 1)
            yield self.grid(key, row)[0][: self.lengths[spectrum]]
            return
        for first, grid in self.grids(key):
            yield grid[self.inside(first, grid)]

    def entries(self, rows: Array) -> Iterator[Entry]:
        """Yield what each row of a vector table says of its spectrum, by API name."""
        names = [row_name(key) for key in self.row_keys]
        columns = [self.hdu.values(self.fields[key], rows).tolist() for key in self.row_keys]
        for values in zip(*columns, strict=True):
            entry: Entry = dict(zip(names, values, strict=True))
            ra, dec = entry.get("sourceRa"), entry.get("sourceDec")
            if is_position(ra, dec):
                entry |= {"ra": ra, "dec": dec, "positionFrom": "source"}
            yield entry
