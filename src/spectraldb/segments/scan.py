"""The scan of segments for a search: the pixels that match, in the order of results."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spectraldb.arrays import Array
from spectraldb.query.model import Condition, PixelQuery
from spectraldb.query.pruning import Pruning, RangeFilter, is_interval
from spectraldb.query.sql.expressions import Units
from spectraldb.schema.tables import Table
from spectraldb.segments.masks import condition_mask
from spectraldb.segments.ranges import RangeFinder, RowRanges, concatenated_ranges
from spectraldb.segments.reader import PixelRows, Segment
from spectraldb.segments.rows import SegmentRows
from spectraldb.segments.selection import select_spectra
from spectraldb.segments.spectra import SpectrumTable

FIRST_SPECTRA, MAX_SPECTRA = 2**11, 2**14
"""Numbers of spectra in the first chunk, because its matches may be sufficient, and in others."""

MAX_ROWS = 2**20
"""Maximum number of rows that are compared at a time; one range can have more."""


@dataclass(frozen=True)
class SegmentPixels:
    """Matching pixels of a segment, in the order of results."""

    segment: Segment
    rows: PixelRows
    spectrum: Array
    """Index of the spectrum of each pixel in the table of spectra, shape (rows,)."""

    def __len__(self) -> int:
        return len(self.spectrum)

    def filter(self, mask: Array) -> "SegmentPixels":
        """Return the pixels for which a mask of shape (rows,) is true."""
        return SegmentPixels(self.segment, self.rows.filter(mask), self.spectrum[mask])


@dataclass(frozen=True)
class SegmentRanges:
    """Ranges of rows of a segment that can match."""

    segment_index: int
    ranges: RowRanges


class PixelScan:
    """A scan of the pixels of the spectra that can match.

    Parameters
    ----------
    spectra
        The spectra to search.
    query, pruning
        The query, and the pruning derived from it.
    units
        Units of the products, for conditions with units.
    """

    def __init__(
        self, spectra: SpectrumTable, query: PixelQuery, pruning: Pruning, units: Units
    ) -> None:
        self.spectra = spectra
        self._query, self._pruning, self._units = query, pruning, units
        self._conditions = [c for c in query.conditions if c.column.table is Table.PIXEL]

    @cached_property
    def selected(self) -> Array:
        """The ascending indices of the spectra that can match."""
        return select_spectra(self.spectra, self._query, self._pruning, self._units)

    def chunks(self, first: int | None = None) -> Iterator[list[SegmentRanges]]:
        """Yield the ranges of rows that can match, for a growing number of spectra at a time."""
        begin, size = 0, first or FIRST_SPECTRA
        while begin < len(self.selected):
            yield self.ranges(self.selected[begin : begin + size])
            begin, size = begin + size, min(2 * size, MAX_SPECTRA)

    def ranges(self, index: Array, extra: RangeFilter | None = None) -> list[SegmentRanges]:
        """Return the ranges of rows of some spectra by segment.

        Parameters
        ----------
        index
            Ascending indices of the spectra.
        extra
            A filter besides those of the query; the ranges can have pixels that do not meet it.
        """
        segment_index = self.spectra.segment_index[index]
        filters = [*self._pruning.pixel_ranges, *([] if extra is None else [extra])]
        found = []
        for each in np.unique(segment_index).tolist():
            finder = RangeFinder(
                self.spectra,
                each,
                filters,
                has_other_conditions=self._has_other_conditions,
            )
            found.append(SegmentRanges(each, finder.find(index[segment_index == each])))
        return found

    @cached_property
    def _has_other_conditions(self) -> bool:
        return any(not is_interval(each, self._units) for each in self._conditions)

    def pixels(self, found: SegmentRanges) -> SegmentPixels:
        """Return the pixels in ranges that match."""
        ranges = found.ranges
        segment = self.spectra.segments[found.segment_index]
        spectrum = np.repeat(ranges.spectrum, ranges.lengths)
        rows = self._rows(ranges)
        if ranges.matches.all():
            return SegmentPixels(segment, rows, spectrum)
        mask = np.repeat(ranges.matches, ranges.lengths)
        to_compare = np.flatnonzero(~mask)
        mask[to_compare] = self._mask(segment, rows.take(to_compare), spectrum[to_compare])
        return SegmentPixels(segment, rows.filter(mask), spectrum[mask])

    def counts(self, found: SegmentRanges) -> Array:
        """Return the number of matching pixels in each range, shape (ranges,)."""
        segment = self.spectra.segments[found.segment_index]
        counts = np.where(found.ranges.matches, found.ranges.lengths, 0)
        for part in _pieces(np.flatnonzero(~found.ranges.matches), found.ranges):
            ranges = found.ranges[part]
            lengths = ranges.lengths
            mask = self._mask(segment, self._rows(ranges), np.repeat(ranges.spectrum, lengths))
            counts[part] = np.add.reduceat(mask, np.cumsum(lengths) - lengths, dtype=np.intp)
        return counts

    def _rows(self, ranges: RowRanges) -> PixelRows:
        in_segment = self.spectra.index_in_segment[ranges.spectrum]
        return PixelRows(_rows(ranges), np.repeat(in_segment, ranges.lengths))

    def _mask(self, segment: Segment, rows: PixelRows, spectrum: Array) -> Array:
        """Return the mask of the rows that meet all conditions on pixels, shape (rows,)."""
        left = np.arange(len(rows))
        for condition in sorted(self._conditions, key=_cost):
            product_index = self.spectra.product_index[spectrum[left]]
            some = rows if len(left) == len(rows) else rows.take(left)
            source = SegmentRows(self.spectra.products, segment, some, product_index)
            units = tuple(self._units.get(condition.column.unit_from, ()))
            left = left[condition_mask(condition, source, units)]
        mask = np.zeros(len(rows), bool)
        mask[left] = True
        return mask


def _cost(condition: Condition) -> bool:
    """Return whether a condition reads several columns."""
    return condition.column.name == "snr"


def _rows(ranges: RowRanges) -> slice | Array:
    """Return the rows of ranges."""
    if len(ranges) and np.all(ranges.start[1:] == ranges.stop[:-1]):
        return slice(int(ranges.start[0]), int(ranges.stop[-1]))
    return concatenated_ranges(ranges.start, ranges.stop)


def _pieces(index: Array, ranges: RowRanges) -> Iterator[Array]:
    """Yield parts of an index of ranges with about `MAX_ROWS` rows each."""
    ends = np.cumsum(ranges.lengths[index])
    begin, rows = 0, 0
    while begin < len(index):
        end = max(int(np.searchsorted(ends, rows + MAX_ROWS, "right")), begin + 1)
        yield index[begin:end]
        begin, rows = end, int(ends[end - 1])
