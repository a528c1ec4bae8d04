"""Tables of columns: of searches, of retrievals, and of the lake."""

from collections.abc import Callable

import pyarrow as pa

from spectraldb.lake.layout import PARTITION
from spectraldb.query.result_columns import PRODUCT_COLUMNS
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.column import Column
from spectraldb.schema.columns import COLUMNS, columns_of
from spectraldb.schema.tables import Table
from tests.support.docs_tables.markdown import code, table

_TYPES = {"string": "text", "float": "float", "int": "int", "long": "long", "bool": "bool"}
_DELTA = {
    pa.string(): "string",
    pa.float64(): "double",
    pa.int32(): "integer",
    pa.int64(): "long",
    pa.bool_(): "boolean",
}


def _meaning(column: Column) -> str:
    values = f"; one of {code(*sorted(column.allowed_values))}" if column.allowed_values else ""
    aliases = f"; also written {code(*column.aliases)}" if column.aliases else ""
    return column.description + values + aliases


def columns_table(kind: Table) -> Callable[[], str]:
    """Return a generator of the table of searchable columns."""

    def make() -> str:
        rows = (
            (code(c.name), _TYPES[c.dtype], c.unit, _meaning(c), code(*c.fits))
            for c in columns_of(kind)
            if c.searchable
        )
        return table(("column", "type", "unit", "description", "FITS"), rows)

    return make


def always_included() -> str:
    """Return the columns that every product search returns."""
    return f"Always included: {code(*PRODUCT_COLUMNS)}.\n"


def arrays_table() -> str:
    """Return the table of the arrays of a retrieval."""
    rows = (
        (code(c.name), code(*c.fits), c.description)
        for c in COLUMNS
        if c.table in (Table.PIXEL, Table.ARRAY) and c.fits
    )
    return table(("array", "FITS column or extension", "description"), rows)


def lake_table(kind: Table) -> Callable[[], str]:
    """Return a generator of the table of all columns of a lake table."""
    known = {column.name: column for column in COLUMNS}

    def make() -> str:
        rows = []
        for field in SCHEMAS[kind]:
            column = known[field.name]
            note = "" if column.searchable else column.description
            rows.append((code(field.name), _DELTA[field.type], column.unit, column.ucd, note))
        if kind is not Table.PRODUCT:
            rows.append((code(PARTITION), "string", "", "", "partition; part of the folder names"))
        return table(("column", "type", "unit", "UCD", "note"), rows)

    return make
