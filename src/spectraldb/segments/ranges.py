"""Ranges of rows that can match: whole spectra, parts of spectra, and zones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectraldb.arrays import Array
from spectraldb.query.pruning import RangeFilter
from spectraldb.segments.format import ZONE
from spectraldb.segments.pixel_rows import PixelRows, concatenated_ranges
from spectraldb.segments.reader import Segment
from spectraldb.segments.spectra import SpectrumTable

MIN_BISECTED = 4096
"""Spectra that open bounds on other columns leave are narrowed to the wavelengths that match if
there are at least so many; the zones of fewer spectra are compared in less time."""


@dataclass(frozen=True)
class RowRanges:
    """Ranges of consecutive rows of a segment, each in one spectrum.  Arrays: shape (ranges,)."""

    spectrum: Array
    """Index of the spectrum of each range in the table of spectra, ascending."""
    start: Array
    """First row in the segment."""
    stop: Array
    """End, which is excluded."""
    matches: Array
    """Whether all pixels are known to match; the others have to be compared."""

    def __len__(self) -> int:
        return len(self.spectrum)

    @property
    def lengths(self) -> Array:
        """Numbers of rows."""
        lengths: Array = self.stop - self.start
        return lengths

    def __getitem__(self, index: "Array | slice") -> "RowRanges":
        return RowRanges(
            self.spectrum[index], self.start[index], self.stop[index], self.matches[index]
        )


@dataclass(frozen=True)
class Bounds:
    """The interval of a condition on pixels for each of some spectra, in the product's unit."""

    name: str
    """Name of the column."""
    is_exact: bool
    """Whether every value in the interval meets the condition."""
    low: Array
    high: Array
    """Ends of the intervals, shape (spectra,); NaN if the unit of the product is incompatible."""


def bounds_of(filter_: RangeFilter, spectra: SpectrumTable, index: Array) -> Bounds:
    """Return the bounds of a filter on pixels for some spectra.

    Parameters
    ----------
    filter_
        A filter on a column of pixels.
    spectra
        The table of spectra.
    index
        Indices of the spectra, shape (spectra,).
    """
    low, high = (np.full(len(index), bound) for bound in (filter_.hull.low, filter_.hull.high))
    if filter_.unit_column:
        low[:], high[:] = np.nan, np.nan
        for interval in filter_.intervals:
            has_unit = spectra.products.has_unit(filter_.unit_column, interval.unit)
            has_unit = has_unit[spectra.product_index[index]]
            low[has_unit], high[has_unit] = interval.low, interval.high
    return Bounds(filter_.name, filter_.is_exact, low, high)


class RangeFinder:
    """Finds the ranges of rows of a segment that can match.

    Parameters
    ----------
    spectra
        The table of spectra.
    segment_index
        Index of the segment in the table.
    filters
        The filters on columns of pixels.
    has_other_conditions
        Whether conditions on pixels exist that no filter says exactly.
    """

    def __init__(
        self,
        spectra: SpectrumTable,
        segment_index: int,
        filters: Sequence[RangeFilter],
        *,
        has_other_conditions: bool,
    ) -> None:
        self._spectra = spectra
        self._segment = spectra.segments[segment_index]
        self._filters = filters
        self._has_others = has_other_conditions

    def find(self, index: Array) -> RowRanges:
        """Return the ranges of some spectra, which are in the segment; ascending indices."""
        start = self._spectra.first[index]
        stop = start + self._spectra.count[index]
        in_segment = self._spectra.index_in_segment[index]
        bounds = [bounds_of(filter_, self._spectra, index) for filter_ in self._filters]
        met = np.ones((len(bounds), len(index)), bool)
        for i, each in enumerate(bounds):
            met[i] = self._meet_everywhere(each, index)
        for i, each in enumerate(bounds):
            if each.name == "wavelength" and each.is_exact:
                search = ~met[i] & self._segment.has_ascending_wavelengths[in_segment]
                if len(index) < MIN_BISECTED:
                    search &= np.delete(met, i, axis=0).all(axis=0)
                met[i] |= search
                self._narrow(each, in_segment, np.flatnonzero(search), start, stop)
        matches = np.asarray(met.all(axis=0) & (not self._has_others))
        ranges = RowRanges(index, start, stop, matches)
        zoned = np.flatnonzero(~matches & (stop > start))
        if not len(zoned) or not any(self._segment.zones(each.name) for each in bounds):
            return ranges[stop > start]
        of_zones = self._zones(ranges[zoned], [_at(each, zoned) for each in bounds], met[:, zoned])
        return _merged(ranges[matches & (stop > start)], of_zones)

    def _meet_everywhere(self, bounds: Bounds, index: Array) -> Array:
        """Return the mask of spectra whose pixels all are within the bounds."""
        if not bounds.is_exact:
            return np.zeros(len(index), bool)
        low = self._spectra.numbers(f"{bounds.name}Low")[index]
        high = self._spectra.numbers(f"{bounds.name}High")[index]
        within = (low >= bounds.low) & (high <= bounds.high)
        if (nulls := self._segment.nulls(bounds.name)) is not None:
            within &= ~nulls[1][self._spectra.index_in_segment[index]]
        return np.asarray(within)

    def _narrow(
        self, bounds: Bounds, in_segment: Array, search: Array, start: Array, stop: Array
    ) -> None:
        """Narrow the ranges of some spectra, whose wavelengths ascend, to those within bounds."""
        begin, end, spectrum = start[search], stop[search], in_segment[search]
        low, high = bounds.low[search], bounds.high[search]
        start[search] = _bisect(self._segment, spectrum, begin, end, low, right=False)
        stop[search] = _bisect(self._segment, spectrum, begin, end, high, right=True)

    def _zones(self, ranges: RowRanges, bounds: Sequence[Bounds], met: Array) -> RowRanges:
        """Return the parts of ranges in zones whose values overlap all bounds."""
        first, last = ranges.start // ZONE, (ranges.stop - 1) // ZONE + 1
        zone = concatenated_ranges(first, last)
        owner = np.repeat(np.arange(len(ranges)), last - first)
        matches = np.full(len(zone), not self._has_others)
        for i, each in enumerate(bounds):
            found = self._segment.zones(each.name)
            if found is None:
                matches &= met[i][owner]
                continue
            zone_low, zone_high = found[0][zone], found[1][zone]
            low, high = each.low[owner], each.high[owner]
            can_match = met[i][owner] | ((zone_high >= low) & (zone_low <= high))
            if each.is_exact:
                within = (zone_low >= low) & (zone_high <= high)
                if (nulls := self._segment.nulls(each.name)) is not None:
                    within &= ~nulls[0][zone]
                matches &= met[i][owner] | within
            else:
                matches[:] = False
            zone, owner, matches = zone[can_match], owner[can_match], matches[can_match]
        start = np.maximum(zone * ZONE, ranges.start[owner])
        stop = np.minimum((zone + 1) * ZONE, ranges.stop[owner])
        return RowRanges(ranges.spectrum[owner], start, stop, matches)


def _at(bounds: Bounds, index: Array) -> Bounds:
    return Bounds(bounds.name, bounds.is_exact, bounds.low[index], bounds.high[index])


def _merged(one: RowRanges, other: RowRanges) -> RowRanges:
    """Return the ranges of both, ordered by spectrum."""
    if not len(one):
        return other
    if not len(other):
        return one
    both = RowRanges(
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("spectrum", "start", "stop", "matches")
        )
    )
    return both[np.argsort(both.spectrum, kind="stable")]


def _bisect(
    segment: Segment, spectrum: Array, begin: Array, end: Array, value: Array, *, right: bool
) -> Array:
    """Return the first row whose wavelength is at least a value, or above it.

    Arrays have one element for each spectrum, whose wavelengths ascend.

    Parameters
    ----------
    segment
        The segment.
    spectrum
        Indices of the spectra in the segment.
    begin, end
        Rows to search, the end excluded.
    value
        The values to find.
    right
        Whether to find the first row above the value, not at it.
    """
    begin, end = begin.copy(), end.copy()
    while len(open_ := np.flatnonzero(begin < end)):
        middle = (begin[open_] + end[open_]) // 2
        found = segment.values("wavelength", PixelRows(middle, spectrum[open_]))
        before = found <= value[open_] if right else found < value[open_]
        begin[open_] = np.where(before, middle + 1, begin[open_])
        end[open_] = np.where(before, end[open_], middle)
    return begin
