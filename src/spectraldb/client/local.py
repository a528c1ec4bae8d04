"""Backend of the client that reads a lake in this process, by calling the service."""

import atexit
import contextlib
import json
import weakref
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa

from spectraldb.client.backend import API, RetrievedArrays, group_slits
from spectraldb.client.parameters import Pairs
from spectraldb.formats.json import (
    columns_json,
    count_json,
    head_json,
    holdings_json,
    search_json,
    sql_json,
)
from spectraldb.formats.pixel_table import pixel_table
from spectraldb.query.match import parse_match
from spectraldb.query.retrieval import parse_retrieval
from spectraldb.results import ArraysResult, TableStream, whole_table
from spectraldb.service.service import Service
from spectraldb.settings import Settings

CHUNK_BYTES = 2**20

_streams: weakref.WeakSet[Generator[pa.RecordBatch, None, None]] = weakref.WeakSet()
"""The generators of open Arrow readers."""


class LocalBackend:
    """A lake in a folder or a bucket. Thread-safe, as the service is.

    Parameters
    ----------
    location
        A folder or ``s3://bucket/folder``; None for the lake of the settings.

    Raises
    ------
    LakeError
        If there is no lake.
    """

    def __init__(self, location: str | Path | None) -> None:
        settings = Settings() if location is None else Settings(lake=location)
        self._service = Service(settings)
        self._address = self._service.lake.store.address

    def json(self, path: str, pairs: Pairs) -> dict[str, Any]:
        """Return the JSON response of an endpoint."""
        encoded, excluded = self._json(path, pairs)
        content = dict(json.loads(encoded))
        return content | {"excluded": excluded} if excluded else content

    def _json(self, path: str, pairs: Pairs) -> tuple[bytes, str]:
        """Return the encoded response, and the note on products that units exclude."""
        service = self._service
        match path:
            case "search/count":
                count = service.count(pairs)
                return count_json(count), count.excluded
            case "search/sql":
                sql = service.sql(pairs)
                return sql_json(sql), sql.excluded
            case "search/columns":
                return columns_json(), ""
            case "holdings":
                return holdings_json(service.holdings()), ""
        page = service.search(pairs) if path == "search" else service.search_products(pairs)
        next_url = page.after and self.url(path, [("after", page.after)])
        return search_json(page, next_url), page.excluded

    def batches(self, path: str, pairs: Pairs) -> pa.RecordBatchReader:
        """Return all rows of an endpoint as a stream of Arrow batches."""
        match path:
            case "retrieve":
                retrieved = self._service.retrieve_request(pairs)
                return _stream(pixel_table(retrieved.answer), retrieved.product.close)
            case "retrieve/derived":
                request = parse_retrieval(pairs)
                name, spectrum = (request.uri, request.file_name), request.cutout.spectrum
                return _stream(pixel_table(self._service.derived(*name, spectrum)))
            case "search":
                return _stream(self._service.stream(pairs))
        return _stream(self._service.stream_products(pairs))

    def match(self, body: Mapping[str, object]) -> pa.RecordBatchReader:
        """Return the products or spectra around many positions."""
        return _stream(whole_table(self._service.match(parse_match(body)), "MATCHES"))

    def arrays(self, pairs: Pairs) -> RetrievedArrays:
        """Return the arrays of a product, or of a part of it."""
        with self._service.retrieve_request(pairs) as retrieved:
            # Converted through JSON, so that types are the same as from a server.
            head = json.loads(head_json(retrieved.answer))
            return RetrievedArrays(head, group_slits(_named_arrays(retrieved.answer)))

    def file(self, pairs: Pairs) -> Iterator[bytes]:
        """Yield the FITS file of a product in chunks."""
        request = parse_retrieval(pairs)
        path, _ = self._service.file(request.uri, request.file_name)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def url(self, path: str, pairs: Pairs) -> str:
        """Return the path and query of the same request to a server."""
        query = urlencode(pairs, safe=",:/")
        return f"{API}/{path}" + (f"?{query}" if query else "")

    def close(self) -> None:
        """Close the lake."""
        self._service.close()

    def __repr__(self) -> str:
        return repr(str(self._address))


def _named_arrays(answer: ArraysResult) -> Iterator[tuple[str, Any]]:
    for column in answer.columns:
        if column.ragged:
            yield from ((f"{column.name}.{i}", image) for i, image in enumerate(column.chunks()))
        else:
            values = column.read()
            yield column.name, values.astype(str) if column.dtype == "string" else values


def _stream(answer: TableStream, close: Any = None) -> pa.RecordBatchReader:
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

    A reader does not release its generator at interpreter exit, and the generator keeps DuckDB
    objects alive, which the DuckDB bindings then report as leaked.
    """
    for stream in list(_streams):
        with contextlib.suppress(ValueError):  # a thread is running it
            stream.close()
