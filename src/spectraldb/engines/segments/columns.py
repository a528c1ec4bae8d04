"""Columns of pixels, joined with their spectra and products."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from spectraldb.lake.product_table import values_at
from spectraldb.schema.arrow import ARROW_TYPES
from spectraldb.schema.column import Column
from spectraldb.schema.tables import Table
from spectraldb.segments.scan import SegmentPixels
from spectraldb.segments.spectra import SpectrumTable


def pixel_table(
    parts: Sequence[SegmentPixels], columns: Mapping[str, Column], spectra: SpectrumTable
) -> pa.Table:
    """Return columns of pixels in the order of results.

    Parameters
    ----------
    parts
        The pixels by segment.
    columns
        The columns, by their names in the result.
    spectra
        The table of spectra.
    """
    schema = schema_of(columns)
    parts = [part for part in parts if len(part)]
    tables = [
        pa.table([pixel_column(part, each, spectra) for each in columns.values()], schema)
        for part in parts
    ]
    if not tables:
        return schema.empty_table()
    if len(tables) == 1:
        return tables[0]
    # Spectra of one segment can lie between those of another.
    order = np.argsort(np.concatenate([part.spectrum for part in parts]), kind="stable")
    return pa.concat_tables(tables).take(pa.array(order))


def schema_of(columns: Mapping[str, Column]) -> pa.Schema:
    """Return the Arrow schema of columns."""
    return pa.schema([(name, ARROW_TYPES[column.dtype]) for name, column in columns.items()])


def pixel_column(pixels: SegmentPixels, column: Column, spectra: SpectrumTable) -> pa.Array:
    """Return a column of the pixels of a segment, in the type of the column."""
    if column.table is Table.PIXEL or column.name in ("spectrum", "productId"):
        return pixels.segment.column(column.name, pixels.rows)
    if column.table is Table.SPECTRUM:
        values = values_at(spectra.column(column.name), pixels.spectrum)
    else:
        values = spectra.products.values(column.name, spectra.product_index[pixels.spectrum])
    return values.dictionary_decode() if isinstance(values, pa.DictionaryArray) else values
