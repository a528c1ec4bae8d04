"""The pixels of a segment that lie in zones with possible matches."""

from collections.abc import Mapping

import numpy as np

from spectraldb.arrays import Array
from spectraldb.segments.format import ZONE
from spectraldb.segments.reader import PixelRows, Segment

Bounds = tuple[float, float]
"""The lowest and the highest number that can match."""


def concatenated_ranges(starts: Array, stops: Array) -> Array:
    """Return the integers of several ranges, one range after the other.

    Parameters
    ----------
    starts, stops
        The ends of each range, the second excluded; shape (ranges,).
    """
    lengths = stops - starts
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    integers: Array = np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
    return integers


def rows_of_ranges(starts: Array, stops: Array, spectrum_index: Array) -> PixelRows:
    """Return the pixels of ranges of rows, each of one spectrum; shape of all (ranges,)."""
    per_pixel = np.repeat(spectrum_index, stops - starts)
    contiguous = len(starts) > 0 and bool(np.all(starts[1:] == stops[:-1]))
    if contiguous:
        return PixelRows(slice(int(starts[0]), int(stops[-1])), per_pixel)
    return PixelRows(concatenated_ranges(starts, stops), per_pixel)


def rows_of_spectra(segment: Segment, spectrum_index: Array) -> PixelRows:
    """Return all pixels of spectra, shape (spectra,)."""
    first = segment.first[spectrum_index]
    return rows_of_ranges(first, first + segment.count[spectrum_index], spectrum_index)


def rows_in_zones(
    segment: Segment, spectrum_index: Array, bounds: Mapping[str, Bounds]
) -> PixelRows:
    """Return the pixels of spectra in zones where every number can lie within its bounds.

    Parameters
    ----------
    segment
        The segment.
    spectrum_index
        Rows of its spectra, shape (spectra,).
    bounds
        The bounds of columns, by name.
    """
    zones = {name: found for name in bounds if (found := segment.zones(name)) is not None}
    if not zones:
        return rows_of_spectra(segment, spectrum_index)
    begins = segment.first[spectrum_index]
    ends = begins + segment.count[spectrum_index]
    first_zone, last_zone = begins // ZONE, (ends - 1) // ZONE + 1
    zone = concatenated_ranges(first_zone, last_zone)
    owner = np.repeat(np.arange(len(spectrum_index)), last_zone - first_zone)
    keep = np.ones(len(zone), bool)
    for name, (low, high) in zones.items():
        keep &= (high[zone] >= bounds[name][0]) & (low[zone] <= bounds[name][1])
    zone, owner = zone[keep], owner[keep]
    starts = np.maximum(zone * ZONE, begins[owner])
    stops = np.minimum((zone + 1) * ZONE, ends[owner])
    return rows_of_ranges(starts, stops, spectrum_index[owner])
