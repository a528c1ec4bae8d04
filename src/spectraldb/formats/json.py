"""JSON, in the form of the archive's API.

NaN and infinity are null, since JSON has neither. 32-bit numbers are written with the digits of the
equal 64-bit number, so that every reader gets the exact value of the file.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.counted import counted
from spectraldb.lines import lines
from spectraldb.products.array_column import ArrayColumn
from spectraldb.query.conditions import PRODUCT_TABLES, column_takes
from spectraldb.query.operators import OPERATORS
from spectraldb.results import (
    ArraysResult,
    CountResult,
    SearchPage,
    SqlResult,
    search_metadata,
)
from spectraldb.schema.columns import searchable_columns
from spectraldb.service.records import Holdings

MEDIA_TYPE = "application/json"

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def search_json(answer: SearchPage, next_url: str | None) -> bytes:
    """Return a page of a search."""
    return orjson.dumps(
        {
            "status": 1,
            "message": answer.message,
            "query": answer.sql,
            "version": answer.version,
            "truncated": answer.truncated,
            "next": next_url,
            "column_metadata": search_metadata(answer.columns),
            "results": _records(answer.rows),
        }
    )


def _records(rows: pa.Table) -> list[dict[str, Any]]:
    """Return the rows as dictionaries, several times as fast as Arrow's own conversion."""
    names = rows.column_names
    columns = [_column_values(column.combine_chunks()) for column in rows.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _column_values(column: pa.Array) -> list[Any]:
    if column.null_count and not (
        pa.types.is_floating(column.type) or pa.types.is_string(column.type)
    ):
        return list(column.to_pylist())  # NumPy has no integer or boolean that is null
    return list(column.to_numpy(zero_copy_only=False).tolist())


def count_json(answer: CountResult) -> bytes:
    """Return the count of a search."""
    return orjson.dumps(
        {
            "status": 1,
            "message": answer.message,
            "query": answer.sql,
            "version": answer.version,
            "pixels": answer.pixels,
            "products": answer.products,
        }
    )


def sql_json(answer: SqlResult) -> bytes:
    """Return the SQL of a search."""
    return orjson.dumps(
        {"status": 1, "message": answer.message, "query": answer.sql, "version": answer.version}
    )


def lines_json() -> bytes:
    """Return the spectral lines."""
    known = [asdict(line) for line in lines()]
    return orjson.dumps(
        {"status": 1, "message": counted(len(known), "spectral line"), "lines": known}
    )


def holdings_json(holdings: Holdings) -> bytes:
    """Return the contents of a lake."""
    products, pixels = counted(holdings.products, "product"), counted(holdings.pixels, "pixel")
    message = f"{products} with {pixels}"
    return orjson.dumps({"status": 1, "message": message, **holdings.as_dict()})


def columns_json() -> bytes:
    """Return the columns and operators of searches."""
    columns = [
        {
            "name": column.name,
            "table": column.table.value,
            "dtype": column.dtype,
            "description": column.description,
            "units": column.unit or None,
            "ucd": column.ucd or None,
            "aliases": list(column.aliases),
            "values": sorted(column.allowed_values) or None,
            "example": column.example,
            "operators": [op.key for op in OPERATORS.values() if column_takes(column, op)],
            "searches": ["search", *["search/products"] * (column.table in PRODUCT_TABLES)],
        }
        for column in searchable_columns()
    ]
    operators = [
        {"name": op.key, "description": op.description, "example": op.example}
        for op in OPERATORS.values()
    ]
    message = f"{len(columns)} columns and {len(operators)} operators"
    return orjson.dumps(
        {"status": 1, "message": message, "columns": columns, "operators": operators}
    )


def error_json(message: str) -> bytes:
    """Return an error."""
    return orjson.dumps({"status": 0, "message": message})


def head_json(answer: ArraysResult) -> bytes:
    """Return a retrieval without its data."""
    return orjson.dumps(_head(answer), option=_OPTIONS)


def _head(answer: ArraysResult) -> dict[str, Any]:
    head: dict[str, Any] = {
        "status": 1,
        "message": answer.message,
        "uri": answer.uri,
        "filename": answer.file_name,
        "productType": answer.product_type,
        "column_metadata": answer.metadata,
    }
    if answer.dispersion:
        head["dispersion"] = answer.dispersion
    if answer.box:
        head["cutout"] = {axis: [r.start, r.stop - 1] for axis, r in answer.box.items()}
    if answer.wcs:
        head["wcs"] = answer.wcs
    if answer.pixel_area:
        head["pixelArea"] = answer.pixel_area
    if answer.spectra:
        head["spectra"] = answer.spectra
    return head


def arrays_json(answer: ArraysResult) -> Iterator[bytes]:
    """Yield a retrieval in chunks, with at most one chunk of an array in memory."""
    yield head_json(answer)[:-1] + b',"data":{'
    for i, column in enumerate(answer.columns):
        yield (b"," if i else b"") + orjson.dumps(column.name) + b":"
        yield from _array(column)
    yield b"}}"


def _array(column: ArrayColumn) -> Iterator[bytes]:
    separator = b"["
    for chunk in column.chunks():
        text = _values(chunk)
        text = text if column.ragged else text[1:-1]
        if text:
            yield separator + text
            separator = b","
    yield b"[]" if separator == b"[" else b"]"


def _values(chunk: Array) -> bytes:
    if chunk.dtype.kind not in "fiub":
        return orjson.dumps(chunk.tolist())
    wide = chunk.astype("f8") if chunk.dtype == np.float32 else chunk
    return orjson.dumps(np.ascontiguousarray(wide), option=_OPTIONS)
