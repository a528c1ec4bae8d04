"""Pages from the parts that an engine returns: merged, limited, and with a page token."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.engines.base import OrderedPart, Part, UnorderedPart
from spectraldb.query.model import PageToken, PixelQuery
from spectraldb.query.paging import decode_token
from spectraldb.query.parse import parse_pixels, parse_products
from spectraldb.query.sql.pixels import CompiledQuery, compile_pixels
from spectraldb.service.pages import first_rows, make_page, merge_rows
from spectraldb.settings import Settings

SCHEMA = pa.schema(
    [
        ("fileName", pa.string()),
        ("x", pa.int32()),
        ("y", pa.int32()),
        ("wavelength", pa.float64()),
        ("_0", pa.float64()),
        ("_1", pa.int64()),
        ("_2", pa.int32()),
        ("_3", pa.int32()),
    ]
)
"""The result of a search sorted by wavelength."""

Row = tuple[float | None, int, int, int]
"""The four sort keys of a row."""

ROWS = st.tuples(
    st.none() | st.sampled_from([0.5, 1.0, 2.0]), *[st.integers(0, 2) for _ in range(3)]
)
N_PARTS = 4


def table(rows: list[Row]) -> pa.Table:
    """Return rows as an engine returns them."""
    columns: dict[str, Any] = {name: [None] * len(rows) for name in SCHEMA.names}
    for i in range(4):
        columns[f"_{i}"] = [row[i] for row in rows]
    columns["wavelength"] = columns["_0"]
    return pa.table(columns, schema=SCHEMA)


def query(descending: bool = False, **parameters: str) -> PixelQuery:
    """Return a search for pixels sorted by wavelength."""
    sort_by = "-wavelength" if descending else "wavelength"
    return parse_pixels([("sort_by", sort_by), *parameters.items()], Settings())


def compiled(query: PixelQuery) -> CompiledQuery:
    """Return the SQL of a search."""
    return compile_pixels(query, {})


def sorted_rows(rows: list[Row], *, descending: bool) -> list[Row]:
    """Sort rows in the order of results with plain Python; null wavelengths come last."""
    sign = -1 if descending else 1

    def key(row: Row) -> tuple[bool, float, tuple[int, ...]]:
        return row[0] is None, sign * (row[0] or 0.0), row[1:]

    return sorted(rows, key=key)


def keys(rows: pa.Table) -> list[Row]:
    """Return the sort keys of rows."""
    names = [f"_{i}" for i in range(4)]
    return [tuple(row[name] for name in names) for row in rows.select(names).to_pylist()]


@given(
    part_of=st.dictionaries(ROWS, st.integers(0, N_PARTS - 1)),
    descending=st.booleans(),
    limit=st.none() | st.integers(1, 30),
)
def test_parts_are_merged_in_the_order_of_the_query(
    part_of: dict[Row, int], descending: bool, limit: int | None
) -> None:
    order = sorted_rows(list(part_of), descending=descending)
    end = None if limit is None else limit + 1
    parts = [[row for row in order if part_of[row] == part][:end] for part in range(N_PARTS)]
    merged = merge_rows(map(table, parts), compiled(query(descending)), limit)
    assert (keys(merged) if len(merged) else []) == order[:end]


def test_no_rows_have_the_columns_of_the_query() -> None:
    search = compiled(query(columns="targetName,dq,good"))
    merged = merge_rows([table([])], search, 5)
    assert len(merged) == 0
    assert merged.column_names == list(search.columns)
    assert merged.schema.field("dq").type == pa.int64()
    assert merged.schema.field("good").type == pa.bool_()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5))), st.none() | st.integers(1, 12))
def test_parts_are_read_until_ordered_rows_exceed_the_limit(
    kinds: list[tuple[bool, int]], limit: int | None
) -> None:
    kinds.sort()  # unordered parts come first
    n_read = 0

    def parts() -> Iterator[Part]:
        nonlocal n_read
        for is_ordered, n in kinds:
            n_read += 1
            rows = table([(0.0, 0, 0, i) for i in range(n)])
            yield OrderedPart(rows) if is_ordered else UnorderedPart(rows)

    tables = list(first_rows(parts(), limit))
    assert [len(rows) for rows in tables] == [n for _, n in kinds[:n_read]]
    n_ordered = [n if is_ordered else 0 for is_ordered, n in kinds]
    enough = [
        i for i in range(1, len(kinds) + 1) if limit is not None and sum(n_ordered[:i]) > limit
    ]
    assert n_read == (enough[0] if enough else len(kinds))


def test_page_that_is_cut_has_the_token_of_its_last_row() -> None:
    search = query(limit="2")
    rows = table([(1.0, 0, 0, 0), (None, 7, 1, 2), (None, 7, 1, 3)])
    page = make_page(search, compiled(search), rows, 5, "A note.")
    assert page.truncated
    assert page.after is not None
    assert decode_token(page.after) == PageToken(5, (None, 7, 1, 2))
    assert page.message == "The first 2 pixels; more follow. A note."
    assert page.rows.column_names == ["fileName", "x", "y", "wavelength"]
    assert page.rows["wavelength"].to_pylist() == [1.0, None]
    assert page.version == 5


def test_last_page_has_no_token() -> None:
    search = query(limit="2")
    page = make_page(search, compiled(search), table([(1.0, 0, 0, 0)]), 5, "")
    assert not page.truncated
    assert page.after is None
    assert page.message == "Found 1 pixel."


def test_following_page_says_so() -> None:
    search = query(limit="2")
    page = make_page(search, compiled(search), table([(1.0, 0, 0, i) for i in range(3)]), 5, "")
    assert page.after is not None
    following = query(limit="2", after=page.after)
    for n, message in ((1, "The next 1 pixel."), (3, "The next 2 pixels; more follow.")):
        rows = table([(2.0, 0, 0, i) for i in range(n)])
        assert make_page(following, compiled(following), rows, 5, "").message == message


@pytest.mark.parametrize("n", [0, 1, 1500])
def test_message_counts_results(n: int) -> None:
    search = parse_pixels([("group", "True")], Settings(), unlimited=True)
    rows = pa.table({name: pa.nulls(n) for name in compiled(search).columns} | {"_0": pa.nulls(n)})
    noun = "product" if n == 1 else "products"
    assert make_page(search, compiled(search), rows, 1, "").message == f"Found {n:,} {noun}."
    assert parse_products([], Settings()).result_noun == "product"
