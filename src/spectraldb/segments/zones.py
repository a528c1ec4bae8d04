"""Selection of the pixels in zones that may have matches."""

from collections.abc import Mapping

import numpy as np

from spectraldb.arrays import Array
from spectraldb.segments.format import ZONE
from spectraldb.segments.reader import PixelRows, Segment

Bounds = tuple[float, float]
"""The lowest and the highest value that can match."""


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


def rows_of_ranges(starts: Array, stops: Array, spectrum_index: Array) -> PixelRows:
    """Return the pixels in ranges of rows, each in one spectrum; arrays of shape (ranges,)."""
    per_pixel = np.repeat(spectrum_index, stops - starts)
    contiguous = len(starts) > 0 and bool(np.all(starts[1:] == stops[:-1]))
    if contiguous:
        return PixelRows(slice(int(starts[0]), int(stops[-1])), per_pixel)
    return PixelRows(concatenated_ranges(starts, stops), per_pixel)


def rows_of_spectra(segment: Segment, spectrum_index: Array) -> PixelRows:
    """Return all pixels of some spectra; indices of shape (spectra,)."""
    first = segment.first[spectrum_index]
    return rows_of_ranges(first, first + segment.count[spectrum_index], spectrum_index)


def rows_in_zones(
    segment: Segment, spectrum_index: Array, bounds: Mapping[str, Bounds]
) -> PixelRows:
    """Return the pixels of spectra in zones whose ranges overlap all bounds.

    Parameters
    ----------
    segment
        The segment.
    spectrum_index
        Indices of spectra in the segment, shape (spectra,).
    bounds
        Bounds by column name.
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
