"""Image HDUs: N-dimensional arrays, read in whole or in part."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.fits.hdu import Hdu
from spectraldb.fits.values import physical_values

_DTYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
"""Types on disk by BITPIX (standard 4.0, table 8)."""


class ImageHdu(Hdu):
    """A primary HDU or image extension with data.  Not thread-safe; see `Hdu`."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the physical values."""
        return self.physical_values(np.zeros(1, self._disk_dtype)).dtype

    @cached_property
    def _disk_dtype(self) -> np.dtype[Any]:
        return np.dtype(_DTYPES[self.integer("BITPIX")])

    @cached_property
    def _scale_zero(self) -> tuple[float, float]:
        return float(self.number("BSCALE", 1.0)), float(self.number("BZERO", 0.0))

    @cached_property
    def _blank(self) -> int | None:
        blank = self.header.get("BLANK")
        return blank if isinstance(blank, int) else None

    def physical_values(self, raw: Array) -> Array:
        """Return the physical values of an array of elements as on disk, of any shape.

        Missing values of an integer image (BLANK) are NaN.
        """
        return physical_values(raw, *self._scale_zero, self._blank)

    def read(self, start: int = 0, stop: int | None = None) -> Array:
        """Return the image, or a range of it along the first (slowest) axis."""
        length, *inner = self.shape
        stop = length if stop is None else min(stop, length)
        size = math.prod(inner)
        raw = self._read(self._disk_dtype, start * size, (stop - start) * size)
        return self.physical_values(raw).reshape(stop - start, *inner)

    def read_raw_rows(self, start: int, stop: int) -> Array:
        """Return a range of rows of every plane of a cube, as on disk.

        Parameters
        ----------
        start, stop
            Range along the second axis.

        Returns
        -------
        Array
            Values as on disk, shape (planes, stop - start, columns).  Pass any part of it to
            `physical_values`.
        """
        planes, rows, columns = self.shape
        dtype = self._disk_dtype
        if stop - start == rows:
            return self._read(dtype, 0, planes * rows * columns).reshape(self.shape)
        plane_size = rows * columns
        firsts = range(start * columns, planes * plane_size, plane_size)
        raw = [self._read(dtype, first, (stop - start) * columns) for first in firsts]
        return np.concatenate(raw).reshape(planes, -1, columns)

    def read_box(self, box: Sequence[range]) -> Array:
        """Return a box of the image, reading only the rows that it needs.

        Parameters
        ----------
        box
            A range of indices along each axis, slowest axis first.
        """
        *outer, rows, columns = box
        planes = np.array([0])
        for length, indices in zip(self.shape, outer, strict=False):
            planes = (planes[:, np.newaxis] * length + np.array(indices)).ravel()
        ny, nx = self.shape[-2:]
        raw = np.concatenate(
            [
                self._read(self._disk_dtype, (first * ny + rows.start) * nx, count * nx)
                for first, count in _contiguous_rows(planes, rows, ny)
            ]
        )
        cut = raw.reshape(-1, nx)[:, columns.start : columns.stop]
        return self.physical_values(cut).reshape([len(indices) for indices in box])


def _contiguous_rows(planes: Array, rows: range, ny: int) -> Iterator[tuple[int, int]]:
    """Yield the first plane and the number of rows of each contiguous run in the file.

    A run spans several planes only if the planes are read completely.
    """
    if len(rows) < ny:
        yield from ((int(plane), len(rows)) for plane in planes)
        return
    for run in np.split(planes, np.flatnonzero(np.diff(planes) != 1) + 1):
        yield int(run[0]), len(run) * ny
