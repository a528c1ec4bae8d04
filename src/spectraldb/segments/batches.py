"""Batches for an SQL engine: pixels joined with their spectra and products."""

from collections.abc import Sequence

import pyarrow as pa

from spectraldb.lake.product_table import ProductTable, values_at
from spectraldb.query.sql.statement import ColumnReference
from spectraldb.segments.reader import SPECTRUM_KEYS
from spectraldb.segments.scan import SegmentPixels

JOINED = "pixels"
"""Name of the joined table, which has one struct column per table."""


def joined_batch(
    pixels: SegmentPixels, columns: Sequence[ColumnReference], products: ProductTable
) -> pa.RecordBatch:
    """Return columns of pixels, their spectra and their products as a batch of `JOINED`."""
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
        # DuckDB reads the whole dictionary, which is long for a few pixels if it has all products.
        return column.dictionary_decode().dictionary_encode()
    return column
