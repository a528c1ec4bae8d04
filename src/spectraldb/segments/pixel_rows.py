"""Selections of the pixels of a segment."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from spectraldb.arrays import Array
from spectraldb.segments.format import ZONE


class Pixels(Protocol):
    """Pixels of a segment."""

    @property
    def index(self) -> slice | Array:
        """Row indices of the pixels in the segment."""

    @property
    def spectrum_index(self) -> Array:
        """Index of the spectrum of each pixel in the segment, shape (rows,)."""

    @property
    def zones(self) -> Array | None:
        """Indices of the zones, if the pixels are those of whole zones; None if not."""

    def __len__(self) -> int: ...

    def take(self, index: Array) -> "PixelRows":
        """Return the pixels with some positions among these, shape (selected,)."""

    def filter(self, mask: Array) -> "PixelRows":
        """Return the pixels for which a mask of shape (rows,) is true."""


@dataclass(frozen=True)
class PixelRows:
    """Single pixels; see `Pixels`."""

    index: slice | Array
    spectrum_index: Array
    zones: None = None

    def __len__(self) -> int:
        return len(self.spectrum_index)

    def take(self, index: Array) -> "PixelRows":
        """Return the pixels with some positions among these."""
        return _take(self, index)

    def filter(self, mask: Array) -> "PixelRows":
        """Return the pixels for which a mask is true."""
        return _take(self, np.flatnonzero(mask))


@dataclass(frozen=True)
class RangePixels:
    """The pixels of ranges of rows; see `Pixels`.

    What only some searches need is computed when it is first used.
    """

    start: Array
    stop: Array
    """First row of each range, and its end, which is excluded; shape (ranges,)."""
    spectrum: Array
    """Index of the spectrum of each range in the segment, shape (ranges,)."""

    @cached_property
    def lengths(self) -> Array:
        """Number of rows of each range."""
        lengths: Array = self.stop - self.start
        return lengths

    @cached_property
    def index(self) -> slice | Array:
        """Row indices of the pixels in the segment."""
        if len(self.start) and np.all(self.start[1:] == self.stop[:-1]):
            return slice(int(self.start[0]), int(self.stop[-1]))
        return concatenated_ranges(self.start, self.stop)

    @cached_property
    def spectrum_index(self) -> Array:
        """Index of the spectrum of each pixel in the segment."""
        return np.repeat(self.spectrum, self.lengths)

    @cached_property
    def zones(self) -> Array | None:
        """Indices of the zones, if the ranges are whole zones."""
        if not np.all((self.lengths == ZONE) & (self.start % ZONE == 0)):
            return None
        zones: Array = self.start // ZONE
        return zones

    def __len__(self) -> int:
        return int(self.lengths.sum())

    def take(self, index: Array) -> PixelRows:
        """Return the pixels with some positions among these."""
        return _take(self, index)

    def filter(self, mask: Array) -> PixelRows:
        """Return the pixels for which a mask is true."""
        return _take(self, np.flatnonzero(mask))


def _take(pixels: Pixels, index: Array) -> PixelRows:
    rows = pixels.index
    selected = index + rows.start if isinstance(rows, slice) else rows[index]
    return PixelRows(selected, pixels.spectrum_index[index])


def concatenated_ranges(starts: Array, stops: Array) -> Array:
    """Return the concatenated integers of several ranges.

    Parameters
    ----------
    starts, stops
        Start and end of each range, the end excluded; shape (ranges,).
    """
    lengths = stops - starts
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    integers: Array = np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
    return integers
