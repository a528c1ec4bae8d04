"""A writer of the columns of a segment, each in its most compact encoding."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.format import (
    Encoding,
    column_file,
    fits_float32,
    null_code,
    smallest_integer_type,
)
from spectraldb.segments.parquet_columns import BATCH_ROWS, NULL, PixelFile

MIN_SHARING = 4
"""A column is stored by planes if this makes it shorter by at least this factor."""


class ColumnWriter:
    """Writer of the columns of a segment.

    Parameters
    ----------
    file
        The Parquet file to read.
    spectra
        The spectra of the segment in the order of their pixels, with the columns ``first`` and
        ``count``.
    folder
        Folder of the segment.
    """

    def __init__(self, file: PixelFile, spectra: pa.Table, folder: Path) -> None:
        self._file = file
        self._folder = folder
        self._product_id = spectra["productId"].to_numpy()
        self._first = spectra["first"].to_numpy()
        self._count = spectra["count"].to_numpy()
        self._pixels: Array = np.empty(0, np.int64)

    def write(self, name: str) -> Encoding:
        """Write a column and return its encoding; the column `pixel` must be written first."""
        floating = pa.types.is_floating(SCHEMAS[Table.PIXEL].field(name).type)
        # In memory, since a file would be written to disk before it is deleted.
        wide = np.empty(self._file.n_rows, "f8" if floating else "i8")
        begin = 0
        for values in self._file.batches(name):
            wide[begin : begin + len(values)] = values
            begin += len(values)
        return self._write_floats(name, wide) if floating else self._write_integers(name, wide)

    def _write_floats(self, name: str, wide: Array) -> Encoding:
        if all(np.isnan(piece).all() for piece in _pieces(wide)):
            return Encoding.ABSENT
        if name == "wavelength" and self._write_planes(name, wide):
            return Encoding.PLANE
        constant = self._constant(wide)
        values = wide if constant is None else constant
        single = all(fits_float32(piece) for piece in _pieces(values))
        self._save(name, values, np.dtype("f4" if single else "f8"))
        return Encoding.DENSE if constant is None else Encoding.CONSTANT

    def _constant(self, wide: Array) -> Array | None:
        """Return the value of each spectrum if all of its pixels have the same, or None."""
        bits = wide.view(np.int64)  # which distinguish 0 from -0
        lowest = np.minimum.reduceat(bits, self._first)
        same = np.array_equal(lowest, np.maximum.reduceat(bits, self._first))
        return lowest.view(np.float64) if same else None

    def _write_integers(self, name: str, wide: Array) -> Encoding:
        lowest = np.minimum.reduceat(wide, self._first)
        if (lowest == NULL).all():
            return Encoding.ABSENT
        dtype = smallest_integer_type(*_extent(wide))
        if name == "pixel":
            self._pixels = wide.astype(dtype)
        if np.array_equal(lowest, np.maximum.reduceat(wide, self._first)):
            self._save(name, lowest, dtype)
            return Encoding.CONSTANT
        if name == "pixel" and self._counts_pixels(wide):
            self._save(name, lowest, np.dtype("i8"))
            return Encoding.COUNTER
        if name != "pixel" and np.array_equal(wide, self._pixels):
            return Encoding.PIXEL
        self._save(name, wide, dtype)
        return Encoding.DENSE

    def _counts_pixels(self, wide: Array) -> bool:
        """Return whether numbers increase by 1 from pixel to pixel of each spectrum."""
        begins = np.zeros(len(wide), bool)
        begins[self._first] = True
        return all(
            np.all(begins[begin + 1 : end] | (np.diff(wide[begin:end]) == 1))
            for begin in range(0, len(wide), BATCH_ROWS)
            for end in [begin + BATCH_ROWS + 1]
        )

    def _write_planes(self, name: str, wide: Array) -> bool:
        """Write a column by planes if all spectra of a product have the same values.

        A plane contains the pixels of a product with the same index along the spectrum.  Returns
        whether the column was written.
        """
        begins = np.concatenate([[0], np.flatnonzero(np.diff(self._product_id)) + 1])
        planes = self._n_planes(begins)
        one_run = len(np.unique(self._product_id)) == len(begins)
        if int(planes.sum()) * MIN_SHARING > self._file.n_rows or not one_run:
            return False
        n_spectra = np.diff(begins, append=len(self._product_id))
        first = np.repeat(np.cumsum(planes) - planes, n_spectra)
        index = np.repeat(first, self._count) + self._pixels
        values = np.full(int(planes.sum()), np.nan)
        values[index] = wide
        if not np.array_equal(values[index], wide, equal_nan=True):
            return False
        np.save(column_file(self._folder, name), values)
        np.save(column_file(self._folder, name, "first"), first)
        return True

    def _n_planes(self, begins: Array) -> Array:
        """Return the number of planes of each product; `begins` has their first spectra."""
        last_pixel = np.maximum.reduceat(self._pixels, self._first)
        n_planes: Array = np.maximum.reduceat(last_pixel, begins).astype("i8") + 1
        return n_planes

    def _save(self, name: str, values: Array, dtype: np.dtype[Any]) -> None:
        with column_file(self._folder, name).open("wb") as file:
            header = {"descr": dtype.str, "fortran_order": False, "shape": (len(values),)}
            np.lib.format.write_array_header_1_0(file, header)
            for piece in _pieces(values):
                if dtype.kind in "iu" and dtype.itemsize < 8:
                    piece = np.where(piece == NULL, null_code(dtype), piece)  # noqa: PLW2901 - recoded
                file.write(piece.astype(dtype).data)


def _pieces(values: Array) -> Iterator[Array]:
    return (values[begin : begin + BATCH_ROWS] for begin in range(0, len(values), BATCH_ROWS))


def _extent(wide: Array) -> tuple[int, int]:
    """Return the minimum and the maximum of the integers that are not null."""
    present = [values for piece in _pieces(wide) if len(values := piece[piece != NULL])]
    return min(int(v.min()) for v in present), max(int(v.max()) for v in present)
