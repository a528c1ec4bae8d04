"""Chunks of ranges with a growing number of rows."""

from collections.abc import Iterator, Sequence

import numpy as np

from spectraldb.segments.scan import SegmentRanges

FIRST_ROWS, MAX_ROWS, GROWTH = 2**14, 2**20, 4
"""Rows in the first chunk, the maximum, and the factor between chunks.

The first matches may be sufficient, so the first chunk is small.
"""


def row_chunks(chunks: Iterator[list[SegmentRanges]]) -> Iterator[list[SegmentRanges]]:
    """Split chunks of ranges, at the ends of spectra, into smaller ones with a growing size."""
    size = FIRST_ROWS
    for chunk in chunks:
        for part in _split(chunk, size):
            yield part
            size = min(size * GROWTH, MAX_ROWS)


def _split(chunk: Sequence[SegmentRanges], size: int) -> Iterator[list[SegmentRanges]]:
    """Yield parts of a chunk with about `size` rows, then `GROWTH` times as many, and so on."""
    spectrum = np.concatenate([np.empty(0, np.intp), *(each.ranges.spectrum for each in chunk)])
    lengths = np.concatenate([np.empty(0, np.intp), *(each.ranges.lengths for each in chunk)])
    order = np.argsort(spectrum, kind="stable")
    spectrum, ends = spectrum[order], np.cumsum(lengths[order])
    begin, rows = 0, 0
    while begin < len(spectrum):
        last = min(int(np.searchsorted(ends, rows + size, "left")), len(spectrum) - 1)
        end = int(np.searchsorted(spectrum, spectrum[last], "right"))
        yield _between(chunk, int(spectrum[begin]), int(spectrum[end - 1]))
        begin, rows, size = end, int(ends[end - 1]), min(size * GROWTH, MAX_ROWS)


def _between(chunk: Sequence[SegmentRanges], low: int, high: int) -> list[SegmentRanges]:
    """Return the ranges of the spectra from `low` to `high`, both included."""
    parts = []
    for each in chunk:
        spectrum = each.ranges.spectrum
        begin = int(np.searchsorted(spectrum, low, "left"))
        end = int(np.searchsorted(spectrum, high, "right"))
        if end > begin:
            parts.append(SegmentRanges(each.segment_index, each.ranges[begin:end]))
    return parts
