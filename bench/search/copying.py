"""Rows in the two formats that PostgreSQL's COPY reads."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"

_CODES = {pa.int64(): ">i8", pa.int32(): ">i4", pa.float64(): ">f8", pa.bool_(): "?"}


def csv(table: pa.Table) -> bytes:
    """Return rows as CSV."""
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(include_header=False))
    return bytes(sink.getvalue())


def binary(table: pa.Table) -> bytes:
    """Return rows of numbers in the binary format: a length and a value each, without nulls.

    This saves the server from parsing text, which would take most of the loading time.
    """
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for field in table.schema:
        fields += [(f"{field.name} size", ">i4"), (field.name, _CODES[field.type])]
    rows: Any = np.empty(len(table), fields)
    rows["fields"] = table.num_columns
    for name in table.column_names:
        rows[f"{name} size"] = rows.dtype[name].itemsize
        rows[name] = table[name].to_numpy()
    return bytes(rows.tobytes())
