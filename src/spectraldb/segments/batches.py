"""Pixels beside what their spectra and products have: the three tables joined, as batches."""

import pyarrow as pa

from spectraldb.lake.product_columns import Products, taken
from spectraldb.query.sql.statement import Name
from spectraldb.segments.reader import OF_SPECTRUM
from spectraldb.segments.scan import Found

WIDE = "pixels"
"""What the joined table is called; its columns are structs, one for each table."""


def batch(found: Found, names: list[Name], products: Products) -> pa.RecordBatch:
    """Return some columns of pixels."""
    tables: dict[str, dict[str, pa.Array]] = {}
    for alias, name in names:
        tables.setdefault(alias, {})[name] = _column(found, alias, name, products)
    structs = [pa.StructArray.from_arrays(list(t.values()), list(t)) for t in tables.values()]
    return pa.RecordBatch.from_arrays(structs, list(tables))


def _column(found: Found, alias: str, name: str, products: Products) -> pa.Array:
    if alias == "s" or name in OF_SPECTRUM:
        return found.segment.column(name, found.rows)
    if alias == "d":
        column = products.taken(name, found.products)
    else:
        column = taken(found.segment.encoded(name), found.rows.owner)
    few = isinstance(column, pa.DictionaryArray) and len(column) < len(column.dictionary)
    # DuckDB reads a dictionary whole: that of all products is long for a few pixels.
    return column.dictionary_decode().dictionary_encode() if few else column
