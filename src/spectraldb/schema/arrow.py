"""The types of columns in Arrow, in SQL and in Spark, and the Arrow schemas of the tables."""

import pyarrow as pa

from spectraldb.schema.column import DType
from spectraldb.schema.columns import columns_of
from spectraldb.schema.tables import Table

ARROW_TYPES: dict[DType, pa.DataType] = {
    "string": pa.string(),
    "float": pa.float64(),
    "float32": pa.float32(),
    "int": pa.int32(),
    "long": pa.int64(),
    "bool": pa.bool_(),
}

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
