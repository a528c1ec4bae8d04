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
from spectraldb.segments.format import ZONE
from spectraldb.segments.masks import condition_mask
from spectraldb.segments.pixel_rows import Pixels, RangePixels
from spectraldb.segments.ranges import RangeFinder, RowRanges
from spectraldb.segments.reader import Segment
from spectraldb.segments.rows import SegmentRows
from spectraldb.segments.selection import select_spectra
from spectraldb.segments.spectra import SpectrumTable

FIRST_SPECTRA, MAX_SPECTRA = 2**11, 2**14
"""Numbers of spectra in the first chunk, because its matches may be sufficient, and in others."""

MAX_LEFT = 0.5
"""Rows are selected for further conditions if at most this fraction of them is left."""

MAX_ROWS = 2**20
"""Maximum number of rows that are compared at a time; one range can have more."""


@dataclass(frozen=True)
class SegmentPixels:
    """Matching pixels of a segment, in the order of results."""

    segment: Segment
    rows: Pixels
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

    @cached_property
    def matches_all(self) -> bool:
        """Whether the ranges of all spectra say that all of their pixels match."""
        query, filters = self._query, self._pruning.ranges
        if query.cone or query.after or query.id_range or len(filters) < len(query.conditions):
            return False
        return all(map(self._covers_all, filters))

    def _covers_all(self, filter_: RangeFilter) -> bool:
        is_plain = filter_.is_exact and not filter_.unit_column and filter_.table is Table.PIXEL
        if not is_plain or any(each.nulls(filter_.name) for each in self.spectra.segments):
            return False
        _, low = self.spectra.sorted(f"{filter_.name}Low")
        _, high = self.spectra.sorted(f"{filter_.name}High")
        if not 0 < len(low) == len(self.spectra):
            return False
        return bool(low[0] >= filter_.hull.low and high[-1] <= filter_.hull.high)

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
        ranges, segment = found.ranges, self.spectra.segments[found.segment_index]
        rows = self._rows(ranges)
        indices = self.spectra.indices_of(found.segment_index)
        if ranges.matches.all():
            return SegmentPixels(segment, rows, indices[rows.spectrum_index])
        mask = np.repeat(ranges.matches, ranges.lengths)
        mask[~mask] = self._mask(found.segment_index, self._rows(ranges[~ranges.matches]))
        matching = rows.filter(mask)
        return SegmentPixels(segment, matching, indices[matching.spectrum_index])

    def counts(self, found: SegmentRanges) -> Array:
        """Return the number of matching pixels in each range, shape (ranges,)."""
        ranges = found.ranges
        counts = np.where(ranges.matches, ranges.lengths, 0)
        whole_zones = (ranges.lengths == ZONE) & (ranges.start % ZONE == 0)
        for is_chosen in (whole_zones, ~whole_zones):
            for part in _pieces(np.flatnonzero(is_chosen & ~ranges.matches), ranges):
                rows = self._rows(ranges[part])
                mask = self._mask(found.segment_index, rows)
                begins = np.cumsum(rows.lengths) - rows.lengths
                counts[part] = np.add.reduceat(mask, begins, dtype=np.intp)
        return counts

    def _rows(self, ranges: RowRanges) -> RangePixels:
        in_segment = self.spectra.index_in_segment[ranges.spectrum]
        return RangePixels(ranges.start, ranges.stop, in_segment)

    def _mask(self, segment_index: int, rows: Pixels) -> Array:
        """Return the mask of the rows that meet all conditions on pixels, shape (rows,)."""
        mask, left = np.ones(len(rows), bool), np.arange(0)
        for i, condition in enumerate(sorted(self._conditions, key=_cost)):
            met = self._met(condition, segment_index, rows)
            mask = _combined(mask, left, met)
            is_last = i == len(self._conditions) - 1
            if not is_last and np.count_nonzero(met) <= MAX_LEFT * len(met):
                left = left[met] if len(left) else np.flatnonzero(met)
                rows = rows.filter(met)
                if not len(left):
                    break
        return mask

    def _met(self, condition: Condition, segment_index: int, rows: Pixels) -> Array:
        segment = self.spectra.segments[segment_index]
        of_spectra = self.spectra.products_of(segment_index)
        source = SegmentRows(self.spectra.products, segment, rows, of_spectra)
        units = tuple(self._units.get(condition.column.unit_from, ()))
        return condition_mask(condition, source, units)


def _combined(mask: Array, left: Array, met: Array) -> Array:
    """Return the mask of rows that are in a mask and meet a condition.

    `left` are the rows that were compared with the condition; all if it is empty.
    """
    if not len(left):
        return np.asarray(mask & met)
    combined = np.zeros(len(mask), bool)
    combined[left] = mask[left] & met
    return combined


def _cost(condition: Condition) -> bool:
    """Return whether a condition reads several columns."""
    return condition.column.name == "snr"


def _pieces(index: Array, ranges: RowRanges) -> Iterator[Array]:
    """Yield parts of an index of ranges with about `MAX_ROWS` rows each."""
    ends = np.cumsum(ranges.lengths[index])
    begin, rows = 0, 0
    while begin < len(index):
        end = max(int(np.searchsorted(ends, rows + MAX_ROWS, "right")), begin + 1)
        yield index[begin:end]
        begin, rows = end, int(ends[end - 1])
