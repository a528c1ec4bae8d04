"""Column types in Arrow, DuckDB and Spark, and the Arrow schemas of the tables."""

from dataclasses import dataclass

import pyarrow as pa

from spectraldb.schema.column import DType
from spectraldb.schema.columns import columns_of
from spectraldb.schema.tables import Table


@dataclass(frozen=True)
class ColumnType:
    """A column type, with its name in each system."""

    dtype: DType
    arrow: pa.DataType
    sql: str
    """Name in DuckDB's SQL."""
    spark: str
    """Name in Spark's SQL."""


COLUMN_TYPES = (
    ColumnType("string", pa.string(), "varchar", "string"),
    ColumnType("float", pa.float64(), "double", "double"),
    ColumnType("float32", pa.float32(), "float", "float"),
    ColumnType("int", pa.int32(), "integer", "int"),
    ColumnType("long", pa.int64(), "bigint", "bigint"),
    ColumnType("bool", pa.bool_(), "boolean", "boolean"),
)

ARROW_TYPES: dict[DType, pa.DataType] = {each.dtype: each.arrow for each in COLUMN_TYPES}
SQL_TYPES: dict[pa.DataType, str] = {each.arrow: each.sql for each in COLUMN_TYPES}
SPARK_TYPES: dict[pa.DataType, str] = {each.arrow: each.spark for each in COLUMN_TYPES}

PRODUCT_ID = pa.field("productId", pa.int64(), nullable=False)


def schema_of(table: Table) -> pa.Schema:
    """Return the Arrow schema of a table; every table begins with productId."""
    fields = [
        pa.field(c.name, ARROW_TYPES[c.dtype])
        for c in columns_of(table)
        if c.name != "productId" and c.stored
    ]
    if table is Table.PIXEL:
        fields.insert(0, pa.field("spectrum", pa.int32()))
    return pa.schema([PRODUCT_ID, *fields])


SCHEMAS = {table: schema_of(table) for table in (Table.PRODUCT, Table.SPECTRUM, Table.PIXEL)}
