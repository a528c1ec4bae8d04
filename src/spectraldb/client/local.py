"""A lake on this machine: the functions that a server calls, called in this process."""

import atexit
import contextlib
import json
import weakref
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa

from spectraldb.client.backend import API, Arrays, gathered
from spectraldb.client.remote import CHUNK_BYTES
from spectraldb.client.words import Pairs
from spectraldb.formats.answers import ArraysAnswer, TableAnswer, whole_table
from spectraldb.formats.json import (
    columns_json,
    count_json,
    head_json,
    holdings_json,
    search_json,
    sql_json,
)
from spectraldb.formats.pixels import pixel_table
from spectraldb.query.cutout import parse_retrieval
from spectraldb.query.match import parse_match
from spectraldb.service import Service
from spectraldb.settings import Settings

_streams: weakref.WeakSet[Generator[pa.RecordBatch, None, None]] = weakref.WeakSet()
"""What yields the batches of each reader that was given out."""


class LocalBackend:
    """The lake of a folder or a bucket; None for the one of the settings.

    Raises
    ------
    LakeError
        If there is no lake.
    """

    def __init__(self, place: str | Path | None) -> None:
        settings = Settings() if place is None else Settings(lake=place)
        self._service = Service(settings)
        self.place = self._service.lake.store.place

    def json(self, path: str, pairs: Pairs) -> dict[str, Any]:
        """Return the JSON answer of an endpoint."""
        return dict(json.loads(self._json(path, pairs)))

    def _json(self, path: str, pairs: Pairs) -> bytes:
        service = self._service
        if path == "search/count":
            return count_json(service.count(pairs))
        if path == "search/sql":
            return sql_json(service.sql(pairs))
        if path == "search/columns":
            return columns_json()
        if path == "holdings":
            return holdings_json(service.holdings())
        page = service.search(pairs) if path == "search" else service.search_products(pairs)
        return search_json(page, page.after and self.url(path, [("after", page.after)]))

    def batches(self, path: str, pairs: Pairs) -> pa.RecordBatchReader:
        """Return the whole answer of an endpoint as a stream of Arrow batches."""
        if path == "retrieve":
            retrieved = self._service.retrieve_asked(pairs)
            return _stream(pixel_table(retrieved.answer), retrieved.product.close)
        if path == "retrieve/derived":
            asked = parse_retrieval(pairs)
            figures = self._service.derived(asked.uri, asked.file_name, asked.cutout.spectrum)
            return _stream(pixel_table(figures))
        find = self._service.table if path == "search" else self._service.products_table
        return _stream(find(pairs))

    def match(self, body: Mapping[str, object]) -> pa.RecordBatchReader:
        """Return what lies around many positions."""
        return _stream(whole_table(self._service.match(parse_match(body)), "MATCHES"))

    def arrays(self, pairs: Pairs) -> Arrays:
        """Return the arrays of a product, or of a part of it."""
        with self._service.retrieve_asked(pairs) as retrieved:
            # Through JSON, so that types are the same as a server's.
            return Arrays(
                json.loads(head_json(retrieved.answer)), gathered(_named(retrieved.answer))
            )

    def file(self, pairs: Pairs) -> Iterator[bytes]:
        """Yield the FITS file of a product."""
        asked = parse_retrieval(pairs)
        path, _ = self._service.file(asked.uri, asked.file_name)
        with path.open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                yield piece

    def url(self, path: str, pairs: Pairs) -> str:
        """Return where a server of this lake would have an answer: path and query."""
        query = urlencode(pairs, safe=",:/")
        return f"{API}/{path}" + (f"?{query}" if query else "")

    def close(self) -> None:
        """Let go of the lake."""
        self._service.close()

    def __repr__(self) -> str:
        return repr(str(self.place))


def _named(answer: ArraysAnswer) -> Iterator[tuple[str, Any]]:
    for column in answer.columns:
        if column.ragged:
            yield from ((f"{column.name}.{i}", image) for i, image in enumerate(column.chunks()))
        else:
            values = column.read()
            yield column.name, values.astype(str) if column.dtype == "string" else values


def _stream(answer: TableAnswer, close: Any = None) -> pa.RecordBatchReader:
    schema = answer.schema

    def batches() -> Generator[pa.RecordBatch, None, None]:
        try:
            for batch in answer.batches():
                yield batch.cast(schema)
        finally:
            if close is not None:
                close()

    stream = batches()
    _streams.add(stream)
    return pa.RecordBatchReader.from_batches(schema, stream)


@atexit.register
def _close_streams() -> None:
    """Close the streams that are still open.

    A reader never lets go of its Python generator once the interpreter is ending, and the
    generator keeps DuckDB's objects alive, which DuckDB's bindings then report as leaked.
    """
    for stream in list(_streams):
        with contextlib.suppress(ValueError):  # a thread is in the middle of it
            stream.close()
