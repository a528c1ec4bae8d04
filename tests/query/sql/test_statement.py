"""SQL over the three tables and SQL over their join return the same rows."""

import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings

from spectraldb.query.model import PixelQuery
from spectraldb.query.parse import parse_pixels, parse_products
from spectraldb.query.sql.pixels import compile_count, compile_pixels
from spectraldb.query.sql.products import compile_products
from spectraldb.query.sql.statement import Statement
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings
from tests.support.small_tables import SmallTables, searches, small_tables

UNITS = {"fluxUnit": ["Jy", "MJy"], "surfBrightUnit": ["MJy/sr"]}
ROW_INDEX = "_row"


def statement(*pairs: tuple[str, str]) -> Statement:
    """Return the SQL of a search for pixels."""
    return compile_pixels(parse_pixels(pairs, Settings()), UNITS).statement


def joined(tables: SmallTables) -> pa.Table:
    """Return the pixels, with one struct per table and a row index."""
    types = {
        alias: pa.struct(list(tables.table(table).schema))
        for alias, table in (("d", Table.PRODUCT), ("c", Table.SPECTRUM), ("s", Table.PIXEL))
    }
    rows = {
        "d": [tables.product_of(pixel) for pixel in tables.pixels],
        "c": [tables.spectrum_of(pixel) for pixel in tables.pixels],
        "s": tables.pixels,
    }
    columns = {alias: pa.array(rows[alias], type_) for alias, type_ in types.items()}
    return pa.table({**columns, ROW_INDEX: pa.array(range(len(tables.pixels)), pa.int64())})


@settings(max_examples=50)
@given(tables=small_tables(), query=searches())
def test_rows_over_the_join_are_those_over_the_tables(
    duckdb_connection: DuckDBPyConnection, tables: SmallTables, query: PixelQuery
) -> None:
    for sql in (
        compile_pixels(query, tables.units).statement,
        compile_count(query, tables.units),
    ):
        with tables.cursor(duckdb_connection) as cursor:
            cursor.register("joined", joined(tables))
            expected = cursor.sql(sql.text).to_arrow_table().to_pylist()
            assert cursor.sql(sql.over_join("joined")).to_arrow_table().to_pylist() == expected


@settings(max_examples=50)
@given(tables=small_tables(), query=searches())
def test_rows_without_order_are_the_same_with_their_index(
    duckdb_connection: DuckDBPyConnection, tables: SmallTables, query: PixelQuery
) -> None:
    ordered = compile_pixels(query, tables.units).statement
    unordered = ordered.without_order(ROW_INDEX)
    with tables.cursor(duckdb_connection) as cursor:
        cursor.register("joined", joined(tables))
        expected = cursor.sql(ordered.over_join("joined")).to_arrow_table().to_pylist()
        rows = cursor.sql(unordered.over_join("joined")).to_arrow_table().to_pylist()
    rows.sort(key=lambda row: int(row.pop(ROW_INDEX)))
    assert rows == expected


def test_without_order_has_no_limit() -> None:
    text = statement(("limit", "5")).without_order(ROW_INDEX).text
    assert "LIMIT" not in text
    assert "ORDER BY" not in text
    assert f', "{ROW_INDEX}" FROM ' in text
    assert statement(("limit", "5")).text.endswith("LIMIT 6")  # the original is unchanged


def test_select_only_names_columns_of_the_result() -> None:
    whole = statement(("flux.gt", "1"), ("columns", "quality"))
    text = whole.select_only(["flux", "quality", "_0"]).text
    assert text.startswith('SELECT s.flux, s.dq AS "quality", s.productId AS _0 FROM ')
    assert text.partition(" FROM ")[2] == whole.text.partition(" FROM ")[2]


def test_column_references_are_those_that_are_read() -> None:
    found = statement(("derSnr.gt", "5"), ("targetName", "M 1"), ("snr", "2")).column_references
    assert found == [
        ("c", "derSnr"),
        ("d", "fileName"),
        ("d", "productType"),
        ("d", "targetName"),
        ("s", "flux"),
        ("s", "fluxErr"),
        ("s", "pixel"),
        ("s", "productId"),
        ("s", "spectrum"),
        ("s", "wavelength"),
        ("s", "x"),
        ("s", "y"),
    ]


def test_only_pixels_are_joined() -> None:
    products = compile_products(parse_products([], Settings()), UNITS).statement
    with pytest.raises(ValueError, match="not over the three tables"):
        products.over_join("joined")
