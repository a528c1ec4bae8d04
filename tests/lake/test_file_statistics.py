"""Statistics of files: written from Parquet, read from the log, never too narrow."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.lake.file_statistics import NUMERIC, FileStatistics, delta_statistics

LONG = 2**62 + 1
NUMBERS = st.floats(-5, 5)
INTERVALS = st.lists(
    st.tuples(NUMBERS, NUMBERS).map(lambda ends: (min(ends), max(ends))), max_size=3
)


def actions(**ranges: tuple[float | None, float | None]) -> pa.Table:
    """Return the add actions of files with these ranges of wavelength and productId."""
    low, high = zip(*ranges.values(), strict=True) if ranges else ((), ())
    return pa.table(
        {
            "path": [f"productType=x1d/{name}%20b.parquet" for name in ranges],
            "min.wavelength": pa.array(low, pa.float64()),
            "max.wavelength": pa.array(high, pa.float64()),
            "min.productId": pa.array([LONG] * len(ranges), pa.int64()),
            "max.productId": pa.array([LONG] * len(ranges), pa.int64()),
        }
    )


def path(name: str) -> str:
    return f"/lake/SpectralPixel/productType=x1d/{name} b.parquet"


@given(
    values=st.lists(st.lists(NUMBERS, min_size=1, max_size=4), max_size=5),
    filters=st.lists(INTERVALS, max_size=2),
)
def test_files_that_can_pass_all_filters(
    values: list[list[float]], filters: list[list[tuple[float, float]]]
) -> None:
    files = {f"f{i}": (min(each), max(each)) for i, each in enumerate(values)}
    predicate = FileStatistics.of(actions(**files)).overlapping(
        [("wavelength", intervals) for intervals in filters]
    )
    for name, each in zip(files, values, strict=True):
        holds = any(
            all(any(low <= v <= high for low, high in intervals) for intervals in filters)
            for v in each
        )
        low, high = files[name]
        overlaps = all(
            any(high >= begin and low <= end for begin, end in intervals) for intervals in filters
        )
        assert predicate(path(name)) or not holds
        # It may be wider by at most one rounding step.
        near = all(
            any(high >= begin - 1e-9 and low <= end + 1e-9 for begin, end in intervals)
            for intervals in filters
        )
        assert overlaps <= predicate(path(name)) <= near


@given(values=st.lists(st.lists(NUMBERS, min_size=1, max_size=4), max_size=5), intervals=INTERVALS)
def test_files_with_values_outside(
    values: list[list[float]], intervals: list[tuple[float, float]]
) -> None:
    files = {f"f{i}": (min(each), max(each)) for i, each in enumerate(values)}
    predicate = FileStatistics.of(actions(**files)).exceeding("wavelength", intervals)
    for name, each in zip(files, values, strict=True):
        if any(all(not low <= v <= high for low, high in intervals) for v in each):
            assert predicate(path(name))


def test_an_unknown_file_is_read() -> None:
    statistics = FileStatistics.of(actions(a=(1, 2)))
    for predicate in (
        statistics.overlapping([("wavelength", [(8, 9)])]),
        statistics.exceeding("wavelength", [(0, 9)]),
    ):
        assert not predicate(path("a"))
        assert predicate(path("other"))
    assert FileStatistics().overlapping([])(path("a"))


def test_unknown_ranges_are_read() -> None:
    statistics = FileStatistics.of(actions(a=(None, None), b=(1, None)))
    assert statistics.overlapping([("wavelength", [(8, 9)])])(path("a"))
    assert statistics.overlapping([("wavelength", [(8, 9)])])(path("b"))
    assert not statistics.overlapping([("wavelength", [(0, 0.5)])])(path("b"))
    assert statistics.overlapping([("flux", [(8, 9)])])(path("b"))  # a column without statistics


def test_long_integers_are_not_rounded_away() -> None:
    statistics = FileStatistics.of(actions(a=(1, 2)))
    number = float(LONG)
    assert statistics.overlapping([("productId", [(number, number)])])(path("a"))
    assert statistics.low["productId"][0] < LONG < statistics.high["productId"][0]


def test_no_interval_matches_no_file() -> None:
    statistics = FileStatistics.of(actions(a=(1, 2)))
    assert not statistics.overlapping([("wavelength", [])])(path("a"))
    assert statistics.exceeding("wavelength", [])(path("a"))


def test_columns_are_the_numbers_of_pixels() -> None:
    assert "wavelength" in NUMERIC
    assert "productId" in NUMERIC
    assert "good" not in NUMERIC


def statistics_of(table: pa.Table, folder: Path, **options: object) -> dict[str, object]:
    file = folder / "a.parquet"
    pq.write_table(table, file, row_group_size=2, **options)
    return dict(json.loads(delta_statistics(pq.read_metadata(file))))


def test_statistics_for_the_log(tmp_path: Path) -> None:
    table = pa.table(
        {
            "number": [3, 1, None, 2, 7],
            "text": ["b", "a", "c", None, None],
            "good": [True, False, True, True, None],
            "infinite": [1.0, math.inf, 2.0, -3.0, 4.0],
            "nothing": pa.nulls(5, pa.float64()),
        }
    )
    assert statistics_of(table, tmp_path) == {
        "numRecords": 5,
        "minValues": {"number": 1, "text": "a", "infinite": -3.0},
        "maxValues": {"number": 7, "text": "c"},
        "nullCount": {"number": 1, "text": 2, "good": 1, "infinite": 0, "nothing": 5},
    }


def test_columns_without_statistics_have_none_in_the_log(tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2, 3], "b": [4, 5, 6]})
    found = statistics_of(table, tmp_path, write_statistics=["a"])
    assert found["minValues"] == {"a": 1}
    assert found["maxValues"] == {"a": 3}
    assert found["nullCount"] == {"a": 0}


@pytest.mark.parametrize("values", [[np.nan], [1.0, np.nan, 2.0]])
def test_nan_is_not_a_bound(tmp_path: Path, values: list[float]) -> None:
    found = statistics_of(pa.table({"a": pa.array(values)}), tmp_path)
    json.dumps(found, allow_nan=False)
