"""Pixels joined with their spectra and products, as batches for an SQL engine."""

from collections.abc import Sequence

import pyarrow as pa

from spectraldb.lake.product_table import ProductTable, values_at
from spectraldb.query.sql.statement import ColumnReference
from spectraldb.segments.reader import SPECTRUM_KEYS
from spectraldb.segments.scan import SegmentPixels

JOINED = "pixels"
"""The name of the joined table; its columns are structs, one for each table."""


def joined_batch(
    pixels: SegmentPixels, columns: Sequence[ColumnReference], products: ProductTable
) -> pa.RecordBatch:
    """Return columns of pixels, of their spectra and of their products."""
    tables: dict[str, dict[str, pa.Array]] = {}
    for alias, name in columns:
        tables.setdefault(alias, {})[name] = _column(pixels, alias, name, products)
    structs = [pa.StructArray.from_arrays(list(t.values()), list(t)) for t in tables.values()]
    return pa.RecordBatch.from_arrays(structs, list(tables))


def _column(pixels: SegmentPixels, alias: str, name: str, products: ProductTable) -> pa.Array:
    if alias == "s" or name in SPECTRUM_KEYS:
        return pixels.segment.column(name, pixels.rows)
    if alias == "d":
        column = products.values(name, pixels.product_index)
    else:
        column = values_at(pixels.segment.encoded_column(name), pixels.rows.spectrum_index)
    if isinstance(column, pa.DictionaryArray) and len(column) < len(column.dictionary):
        # DuckDB reads a dictionary whole: that of all products is long for a few pixels.
        return column.dictionary_decode().dictionary_encode()
    return column
