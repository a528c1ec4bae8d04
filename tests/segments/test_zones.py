"""Ranges of rows, and the pixels in zones that overlap bounds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spectraldb.schema.columns import RANGED
from spectraldb.segments.format import ZONE
from spectraldb.segments.reader import PixelRows, Segment
from spectraldb.segments.zones import (
    Bounds,
    concatenated_ranges,
    rows_in_zones,
    rows_of_ranges,
    rows_of_spectra,
)

Index = NDArray[np.intp]

RANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)))
"""First row and length of each range."""
SPECTRA = st.lists(st.integers(0, 29), unique=True).map(sorted)
BOUNDS = st.dictionaries(
    st.sampled_from(["wavelength", "flux", "dq"]),
    st.tuples(st.floats(-2, 6), st.floats(-2, 6)).map(lambda ends: (min(ends), max(ends))),
)


def split(ranges: list[tuple[int, int]]) -> tuple[Index, Index]:
    """Return the starts and the stops of ranges."""
    starts = np.array([start for start, _ in ranges], np.intp)
    return starts, starts + np.array([length for _, length in ranges], np.intp)


def indices(rows: PixelRows) -> list[int]:
    """Return the rows of pixels as integers."""
    if isinstance(rows.index, slice):
        return list(range(rows.index.start, rows.index.stop))
    return [int(i) for i in rows.index]


@given(RANGES)
def test_concatenated_ranges(ranges: list[tuple[int, int]]) -> None:
    expected = [i for start, length in ranges for i in range(start, start + length)]
    assert concatenated_ranges(*split(ranges)).tolist() == expected


@given(RANGES)
def test_rows_of_ranges(ranges: list[tuple[int, int]]) -> None:
    starts, stops = split(ranges)
    rows = rows_of_ranges(starts, stops, np.arange(len(ranges)))
    expected = [i for start, stop in zip(starts, stops, strict=True) for i in range(start, stop)]
    assert indices(rows) == expected
    owners = [k for k, (_, length) in enumerate(ranges) for _ in range(length)]
    assert rows.spectrum_index.tolist() == owners
    contiguous = bool(ranges) and bool(np.all(starts[1:] == stops[:-1]))
    assert isinstance(rows.index, slice) is contiguous


@given(spectra=SPECTRA)
def test_rows_of_spectra(segment: Segment, spectra: list[int]) -> None:
    rows = rows_of_spectra(segment, np.array(spectra, np.intp))
    assert list(zip(indices(rows), rows.spectrum_index, strict=True)) == pixels_of(segment, spectra)


def pixels_of(segment: Segment, spectra: list[int]) -> list[tuple[int, int]]:
    """Return row and spectrum of each pixel of these spectra."""
    return [
        (row, k)
        for k in spectra
        for row in range(segment.first[k], segment.first[k] + segment.count[k])
    ]


@given(spectra=SPECTRA, bounds=BOUNDS)
def test_rows_in_zones_are_those_of_zones_that_overlap(
    segment: Segment, spectra: list[int], bounds: dict[str, Bounds]
) -> None:
    every = rows_of_spectra(segment, np.arange(30))
    values = {name: segment.values(name, every) for name in bounds}

    def overlaps(zone: int, name: str) -> bool:
        if name == "dq":
            return True  # whole numbers have no zones
        numbers = values[name][zone * ZONE : (zone + 1) * ZONE]
        low, high = bounds[name]
        present = numbers[~np.isnan(numbers)]
        return len(present) > 0 and bool(present.max() >= low) and bool(present.min() <= high)

    rows = rows_in_zones(segment, np.array(spectra, np.intp), bounds)
    expected = [
        (row, k)
        for row, k in pixels_of(segment, spectra)
        if all(overlaps(row // ZONE, name) for name in bounds)
    ]
    assert list(zip(indices(rows), rows.spectrum_index, strict=True)) == expected


def test_zones_have_the_extremes_of_their_pixels(segment: Segment) -> None:
    rows = rows_of_spectra(segment, np.arange(30))
    with_zones = []
    for column in RANGED:
        zones = segment.zones(column.name)
        if zones is None:
            continue
        with_zones.append(column.name)
        values = segment.values(column.name, rows)
        for i, (low, high) in enumerate(zip(*zones, strict=True)):
            zone = values[ZONE * i : ZONE * (i + 1)]
            present = zone[~np.isnan(zone)]
            expected = (present.min(), present.max()) if len(present) else (np.nan, np.nan)
            assert np.array_equal((low, high), expected, equal_nan=True)
    assert with_zones == ["wavelength", "flux"]
