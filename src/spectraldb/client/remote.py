"""A server, asked over HTTP: what fails is tried again, after longer and longer pauses."""

import io
import json
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import pyarrow as pa
import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError

from spectraldb.client.backend import API, Arrays, gathered
from spectraldb.client.parameters import Pairs
from spectraldb.client.progress import Progress
from spectraldb.errors import NoAnswerError, error_of

CONNECT_SECONDS = 10.0
PAUSE_SECONDS = 0.5
"""The first pause before trying again; the next are twice as long each."""
CHUNK_BYTES = 2**20
IN_MEMORY_BYTES = 2**26
"""Answers larger than this wait in a file until their arrays are read."""


class RemoteBackend:
    """A server.

    Parameters
    ----------
    address
        Of the server, such as ``http://127.0.0.1:8000``; with a path where a proxy serves it so.
    timeout
        Seconds to wait for an answer to begin or to go on.
    retries
        How often to try again.
    progress
        Shows how far a long answer is.
    """

    def __init__(self, address: str, *, timeout: float, retries: int, progress: Progress) -> None:
        self.address = address.rstrip("/").removesuffix(API)
        self._progress = progress
        self._pool = _pool(
            self.address,
            retries=urllib3.Retry(
                retries,
                backoff_factor=PAUSE_SECONDS,
                status_forcelist=(429, 500, 502, 503, 504),
                allowed_methods=None,  # a match is asked with POST, and changes nothing
                raise_on_status=False,
            ),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout),
        )

    def json(self, path: str, pairs: Pairs) -> dict[str, Any]:
        """Return the JSON answer of an endpoint."""
        return dict(json.loads(self._whole("GET", self.url(path, pairs))))

    def batches(self, path: str, pairs: Pairs) -> pa.RecordBatchReader:
        """Return the whole answer of an endpoint as a stream of Arrow batches."""
        return self._stream("GET", self.url(f"{path}.arrow", pairs))

    def match(self, body: Mapping[str, object]) -> pa.RecordBatchReader:
        """Return what lies around many positions."""
        told = {"body": json.dumps(body), "headers": {"content-type": "application/json"}}
        return self._stream("POST", self.url("match.arrow", []), **told)

    def arrays(self, pairs: Pairs) -> Arrays:
        """Return the arrays of a product, or of a part of it."""
        response = self._ask("GET", self.url("retrieve.npz", pairs))
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
            with self._progress.bytes("retrieving") as advance:
                for piece in _pieces(response):
                    file.write(piece)
                    advance(len(piece))
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                head = json.loads(archive["answer.json"])
                names = [name for name in archive.files if name != "answer.json"]
                return Arrays(head, gathered((name, archive[name]) for name in names))

    def file(self, pairs: Pairs) -> Iterator[bytes]:
        """Yield the FITS file of a product."""
        response = self._ask("GET", self.url("retrieve/file", pairs))
        total = int(response.headers.get("content-length", 0)) or None
        with self._progress.bytes("downloading", total) as advance:
            for piece in _pieces(response):
                yield piece
                advance(len(piece))

    def url(self, path: str, pairs: Pairs) -> str:
        """Return the address of an answer."""
        query = urlencode(pairs, safe=",:/")
        return f"{self.address}{API}/{path}" + (f"?{query}" if query else "")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def __repr__(self) -> str:
        return repr(self.address)

    def _whole(self, method: str, url: str) -> bytes:
        return b"".join(_pieces(self._ask(method, url)))

    def _stream(self, method: str, url: str, **told: Any) -> pa.RecordBatchReader:
        response = self._ask(method, url, **told)
        return pa.ipc.open_stream(pa.PythonFile(_Reader(response), mode="r"))

    def _ask(self, method: str, url: str, **told: Any) -> urllib3.BaseHTTPResponse:
        try:
            response = self._pool.request(method, url, preload_content=False, **told)
        except MaxRetryError as error:
            raise NoAnswerError(f"{self.address} does not answer: {_reason(error)}") from error
        except HTTPError as error:
            raise NoAnswerError(f"{self.address} cannot be asked: {error}") from error
        if response.status != 200:
            raise error_of(response.status, _message(response, url))
        return response


class _Reader(io.RawIOBase):
    """The body of a response, for who reads files; one that ends early is an error."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._pieces = _pieces(response)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [self._rest], size - len(self._rest)
        while size < 0 or wanted > 0:
            piece = next(self._pieces, b"")
            if not piece:
                break
            parts.append(piece)
            wanted -= len(piece)
        whole = b"".join(parts)
        end = len(whole) if size < 0 else size
        self._rest = whole[end:]
        return whole[:end]


def _pieces(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    try:
        yield from response.stream(CHUNK_BYTES)
    except HTTPError as error:
        raise NoAnswerError(
            "the answer ended before it was whole: the server was stopped, or it could not go on "
            f"({error}); ask again"
        ) from error
    finally:
        response.release_conn()


def _message(response: urllib3.BaseHTTPResponse, url: str) -> str:
    """Return what the server says of an error; a proxy between may say nothing that is known."""
    try:
        return str(json.loads(b"".join(_pieces(response)))["message"])
    except (ValueError, KeyError, TypeError):
        return f"{url} answered {response.status} {response.reason or ''}".rstrip()


def _reason(error: MaxRetryError) -> str:
    text = str(error.reason or error)
    return text.rsplit(": ", 1)[-1] if "Errno" not in text else text[text.index("[Errno") :]


def _pool(address: str, **options: Any) -> urllib3.PoolManager:
    """Return connections, through the proxy that the environment names for the address, if any."""
    parts = urlsplit(address)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)
