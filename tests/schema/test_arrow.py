"""Column types in Arrow, DuckDB and Spark, and the schemas of the tables."""

from typing import get_args

import duckdb
import pyarrow as pa
import pytest

from spectraldb.schema.arrow import COLUMN_TYPES, PRODUCT_ID, SCHEMAS, ColumnType
from spectraldb.schema.column import DType
from spectraldb.schema.columns import columns_of
from spectraldb.schema.tables import Table


def test_every_type_is_listed_once() -> None:
    assert [each.dtype for each in COLUMN_TYPES] == list(get_args(DType))
    assert len({each.arrow for each in COLUMN_TYPES}) == len(COLUMN_TYPES)


@pytest.mark.parametrize("column_type", COLUMN_TYPES, ids=lambda each: each.dtype)
def test_duckdb_returns_the_arrow_type(column_type: ColumnType) -> None:
    with duckdb.connect() as connection:
        table = connection.sql(f"select null::{column_type.sql} as x").to_arrow_table()
    assert table.schema.field("x").type == column_type.arrow


@pytest.mark.parametrize("column_type", COLUMN_TYPES, ids=lambda each: each.dtype)
def test_spark_uses_the_same_name(column_type: ColumnType) -> None:
    types = pytest.importorskip("pyspark.sql.pandas.types")
    assert types.from_arrow_type(column_type.arrow).simpleString() == column_type.spark


@pytest.mark.parametrize("table", SCHEMAS)
def test_every_table_begins_with_the_product(table: Table) -> None:
    schema = SCHEMAS[table]
    assert schema.field(0) == PRODUCT_ID
    assert len(set(schema.names)) == len(schema.names)
    assert set(schema.names) >= {c.name for c in columns_of(table) if c.stored}


def test_pixels_have_a_spectrum_index() -> None:
    assert SCHEMAS[Table.PIXEL].field("spectrum").type == pa.int32()
