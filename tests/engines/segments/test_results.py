"""Results from segments are those of the SQL of their plan, for every kind of result."""

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.cancellation import NEVER
from spectraldb.engines.base import Output, PixelPlan
from spectraldb.engines.segments.counts import count_pixels
from spectraldb.engines.segments.groups import grouped_products
from spectraldb.engines.segments.rankings import best_rows
from spectraldb.engines.segments.rows import ordered_rows
from spectraldb.engines.segments.sizes import measure_tables
from spectraldb.engines.segments.sorting import unsorted_rows
from spectraldb.query.model import PageToken, PixelQuery, SortKey
from spectraldb.query.result_columns import AGGREGATES
from spectraldb.schema.columns import by_name
from spectraldb.segments.scan import PixelScan
from tests.segments.conftest import segments_of
from tests.segments.test_scan import ALL_TYPES, scan_of, small_zones
from tests.support.small_tables import SmallTables, searches, small_tables

PIXEL_KEYS = ("flux", "wavelength", "snr", "dq", "good", "derSnr", "sourceType", "targetName", "y")
PRODUCT_KEYS = ("targetName", "exposureTime", *AGGREGATES)

Result = Callable[[PixelPlan, PixelScan], pa.Table]


def sort_keys(names: tuple[str, ...], min_size: int = 0) -> st.SearchStrategy[tuple[SortKey, ...]]:
    """Draw up to two sort keys."""
    key = st.builds(
        lambda name, descending: SortKey(AGGREGATES.get(name) or by_name()[name], descending),
        st.sampled_from(names),
        st.booleans(),
    )
    return st.lists(key, min_size=min_size, max_size=2).map(tuple)


@pytest.fixture(scope="module")
def check(
    duckdb_connection: DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[SmallTables, PixelPlan, Result], pa.Table]:
    """Return a function that compares a result with that of SQL, and returns it."""

    def compare(tables: SmallTables, plan: PixelPlan, result: Result) -> pa.Table:
        plan = replace(plan, query=replace(plan.query, product_types=ALL_TYPES), units=tables.units)
        with small_zones(2):
            segments = segments_of(tables, tmp_path_factory.mktemp("segments"))
            found = result(plan, scan_of(tables, segments, plan.query))
        with tables.cursor(duckdb_connection) as cursor:
            expected = cursor.sql(plan.statement.text).to_arrow_table()
        assert found.to_pylist() == expected.to_pylist()
        return found

    return compare


def token_of(rows: pa.Table, place: int) -> PageToken | None:
    """Return the token of a row of a result, or None if there is none."""
    if not len(rows):
        return None
    row = rows.slice(place % len(rows), 1).to_pylist()[0]
    return PageToken(1, tuple(value for name, value in row.items() if name.startswith("_")))


@settings(max_examples=40, deadline=None)
@given(
    tables=small_tables(),
    query=searches(),
    limit=st.none() | st.integers(1, 5),
    place=st.integers(0, 9),
)
def test_rows_in_the_default_order(
    check: Callable[..., pa.Table], tables: SmallTables, query: PixelQuery, limit: int, place: int
) -> None:
    def rows(plan: PixelPlan, scan: PixelScan) -> pa.Table:
        found = list(ordered_rows(plan, scan, NEVER))
        whole = pa.concat_tables(found) if found else _empty(plan)
        return whole.slice(0, plan.query.limit and plan.query.limit + 1)

    whole = check(tables, PixelPlan(query, {}), rows)
    page = replace(query, limit=limit, after=token_of(whole, place))
    check(tables, PixelPlan(page, {}), rows)


def _empty(plan: PixelPlan) -> pa.Table:
    return pa.table({name: pa.array([], pa.int64()) for name in plan.compiled.columns})


@settings(max_examples=40, deadline=None)
@given(
    tables=small_tables(),
    query=searches(),
    sort=sort_keys(PIXEL_KEYS, 1),
    limit=st.integers(1, 5),
    place=st.integers(0, 9),
)
def test_sorted_rows(
    check: Callable[..., pa.Table],
    tables: SmallTables,
    query: PixelQuery,
    sort: tuple[SortKey, ...],
    limit: int,
    place: int,
) -> None:
    def rows(plan: PixelPlan, scan: PixelScan) -> pa.Table:
        assert plan.query.limit is not None
        return best_rows(plan, scan, plan.query.limit, NEVER)

    names = tuple((key.column.name, key.column) for key in sort)
    query = replace(query, sort=sort, columns=names)
    with patch.multiple("spectraldb.engines.segments.rankings", FIRST_SPECTRA=1, MAX_SPECTRA=2):
        whole = check(tables, PixelPlan(replace(query, limit=1000), {}), rows)
        page = replace(query, limit=limit, after=token_of(whole, place))
        check(tables, PixelPlan(page, {}), rows)


@settings(max_examples=40, deadline=None)
@given(
    tables=small_tables(),
    query=searches(),
    sort=sort_keys(PRODUCT_KEYS),
    limit=st.none() | st.integers(1, 2),
    place=st.integers(0, 9),
)
def test_groups(
    check: Callable[..., pa.Table],
    tables: SmallTables,
    query: PixelQuery,
    sort: tuple[SortKey, ...],
    limit: int | None,
    place: int,
) -> None:
    def rows(plan: PixelPlan, scan: PixelScan) -> pa.Table:
        return grouped_products(plan, scan, NEVER)

    names = {"targetName", *(key.column.name for key in sort)} - AGGREGATES.keys()
    columns = tuple((name, by_name()[name]) for name in sorted(names))
    query = replace(query, group=True, sort=sort, columns=columns)
    whole = check(tables, PixelPlan(query, {}), rows)
    page = replace(query, limit=limit, after=token_of(whole, place))
    check(tables, PixelPlan(page, {}), rows)


@settings(max_examples=30, deadline=None)
@given(tables=small_tables(), query=searches())
def test_counts(check: Callable[..., pa.Table], tables: SmallTables, query: PixelQuery) -> None:
    check(tables, PixelPlan(query, {}, Output.COUNT), lambda _, scan: count_pixels(scan, NEVER))


@settings(max_examples=30, deadline=None)
@given(tables=small_tables(), query=searches(), is_sorted=st.booleans())
def test_sizes(
    check: Callable[..., pa.Table], tables: SmallTables, query: PixelQuery, *, is_sorted: bool
) -> None:
    def size(plan: PixelPlan, scan: PixelScan) -> pa.Table:
        rows = unsorted_rows if is_sorted else ordered_rows
        return measure_tables(rows(plan, scan, NEVER), plan.compiled.texts)

    if is_sorted:
        query = replace(query, sort=(SortKey(by_name()["flux"]),))
    columns = tuple((name, by_name()[name]) for name in ("targetName", "sourceType"))
    check(tables, PixelPlan(replace(query, columns=columns), {}, Output.SIZE), size)
