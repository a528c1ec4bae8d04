"""Result tables in any format, read by libraries other than those that wrote them."""

import io
import math

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from astropy.table import Table

from spectraldb.formats.registry import FORMATS

TABLE_FORMATS = [each.name for each in FORMATS.values() if each.table is not None]
"""Names of the formats that contain a result as one table."""


def read_table(name: str, content: bytes) -> pa.Table:
    """Return the table of a result, with null for missing values."""
    if name == "csv":
        options = pa_csv.ConvertOptions(strings_can_be_null=True)
        return pa_csv.read_csv(pa.BufferReader(content), convert_options=options)
    if name == "arrow":
        return pa.ipc.open_stream(content).read_all()
    if name == "parquet":
        return pq.read_table(pa.BufferReader(content))
    return _from_astropy(Table.read(io.BytesIO(content), format=name))


def _from_astropy(table: Table) -> pa.Table:
    return pa.table({name: _values(table[name]) for name in table.colnames})


def _values(column: object) -> list[object]:
    mask = np.asarray(getattr(column, "mask", np.zeros(len(np.asarray(column)), bool)))
    values = np.asarray(column).tolist()
    return [None if m else _or_null(v) for v, m in zip(values, mask, strict=True)]


def _or_null(value: object) -> object:
    text = value.decode() if isinstance(value, bytes) else value
    return None if text == "" or (isinstance(text, float) and math.isnan(text)) else text
