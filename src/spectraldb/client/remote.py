"""Backend of the client that sends requests to a server, retried with exponential back-off."""

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

from spectraldb.arrays import ARRAY_FILES
from spectraldb.client.backend import API, RetrievedArrays, group_slits
from spectraldb.client.parameters import Pairs
from spectraldb.client.progress import Progress
from spectraldb.errors import NoAnswerError, error_from_status

EXCLUDED_HEADER = "x-spectraldb-excluded"
CONNECT_SECONDS = 10.0
BACKOFF_SECONDS = 0.5
"""Pause before the first retry; each further pause is twice as long."""
CHUNK_BYTES = 2**20
IN_MEMORY_BYTES = 2**26
"""Larger responses are stored in a temporary file until their arrays are read."""


class RemoteBackend:
    """A server. Thread-safe: each request has its own connection from a pool.

    Parameters
    ----------
    address
        URL of the server, such as ``http://127.0.0.1:8000``, with the path prefix of a proxy if
        there is one.
    timeout
        Seconds to wait for the start of a response, and for each further part.
    retries
        Maximum number of retries.
    progress
        Shows the number of bytes received.
    """

    def __init__(self, address: str, *, timeout: float, retries: int, progress: Progress) -> None:
        self.address = address.rstrip("/").removesuffix(API)
        self._progress = progress
        self._pool = _pool(
            self.address,
            retries=urllib3.Retry(
                retries,
                backoff_factor=BACKOFF_SECONDS,
                status_forcelist=(429, 500, 502, 503, 504),
                allowed_methods=None,  # also POST: a match changes nothing
                raise_on_status=False,
            ),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout),
        )

    def json(self, path: str, pairs: Pairs) -> dict[str, Any]:
        """Return the JSON response of an endpoint."""
        response = self._request("GET", self.url(path, pairs))
        content = dict(json.loads(b"".join(_chunks(response))))
        excluded = response.headers.get(EXCLUDED_HEADER)
        return content | {"excluded": excluded} if excluded else content

    def batches(self, path: str, pairs: Pairs) -> pa.RecordBatchReader:
        """Return all rows of an endpoint as a stream of Arrow batches."""
        return _read_arrow(self._request("GET", self.url(f"{path}.arrow", pairs)))

    def match(self, body: Mapping[str, object]) -> pa.RecordBatchReader:
        """Return the products or spectra around many positions."""
        url = self.url("match.arrow", [])
        headers = {"content-type": "application/json"}
        return _read_arrow(self._request("POST", url, body=json.dumps(body), headers=headers))

    def arrays(self, pairs: Pairs) -> RetrievedArrays:
        """Return the arrays of a product, or of a part of it."""
        response = self._request("GET", self.url("retrieve.npz", pairs))
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
            with self._progress.bytes("Retrieving") as advance:
                for chunk in _chunks(response):
                    file.write(chunk)
                    advance(len(chunk))
            file.seek(0)
            with ARRAY_FILES, np.load(file, allow_pickle=False) as archive:
                head = json.loads(archive["answer.json"])
                names = [name for name in archive.files if name != "answer.json"]
                return RetrievedArrays(head, group_slits((name, archive[name]) for name in names))

    def file(self, pairs: Pairs) -> Iterator[bytes]:
        """Yield the FITS file of a product in chunks."""
        response = self._request("GET", self.url("retrieve/file", pairs))
        total = int(response.headers.get("content-length", 0)) or None
        with self._progress.bytes("Downloading", total) as advance:
            for chunk in _chunks(response):
                yield chunk
                advance(len(chunk))

    def url(self, path: str, pairs: Pairs) -> str:
        """Return the URL of a request."""
        query = urlencode(pairs, safe=",:/")
        return f"{self.address}{API}/{path}" + (f"?{query}" if query else "")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def __repr__(self) -> str:
        return repr(self.address)

    def _request(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """Send a request, and return the response as soon as its headers have arrived.

        Raises
        ------
        NoAnswerError
            If the server cannot be reached.
        SpectralDBError
            If the response is an error.
        """
        try:
            response = self._pool.request(method, url, preload_content=False, **options)
        except MaxRetryError as error:
            raise NoAnswerError(
                f"{self.address}: The server does not respond: {_reason(error)}"
            ) from error
        except HTTPError as error:
            raise NoAnswerError(f"{self.address}: The request failed: {error}") from error
        if response.status != 200:
            raise error_from_status(response.status, _message(response, url))
        return response


class _ResponseReader(io.RawIOBase):
    """The body of a response as a file; raises NoAnswerError if it ends early. Not thread-safe."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._chunks = _chunks(response)
        self._buffer = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes, fewer only at the end; all bytes if `size` is negative."""
        parts, missing = [self._buffer], size - len(self._buffer)
        while size < 0 or missing > 0:
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            parts.append(chunk)
            missing -= len(chunk)
        data = b"".join(parts)
        end = len(data) if size < 0 else size
        self._buffer = data[end:]
        return data[:end]


def _read_arrow(response: urllib3.BaseHTTPResponse) -> pa.RecordBatchReader:
    return pa.ipc.open_stream(pa.PythonFile(_ResponseReader(response), mode="r"))


def _chunks(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Yield the body of a response; raises NoAnswerError if it ends early."""
    try:
        yield from response.stream(CHUNK_BYTES)
    except HTTPError as error:
        raise NoAnswerError(
            "The response is incomplete, because the server stopped or failed. Try again. "
            f"Reason: {error}"
        ) from error
    finally:
        response.release_conn()


def _message(response: urllib3.BaseHTTPResponse, url: str) -> str:
    """Return the message of an error response; one from a proxy may have no message of ours."""
    try:
        return str(json.loads(b"".join(_chunks(response)))["message"])
    except (ValueError, KeyError, TypeError):
        return (
            f"{url}: The server returned status {response.status} {response.reason or ''}".rstrip()
            + "."
        )


def _reason(error: MaxRetryError) -> str:
    """Return the operating system's reason for a failed connection, without urllib3's text."""
    text = str(error.reason or error)
    return text.rsplit(": ", 1)[-1] if "Errno" not in text else text[text.index("[Errno") :]


def _pool(address: str, **options: Any) -> urllib3.PoolManager:
    """Return a connection pool, through the proxy that the environment sets for the address."""
    parts = urlsplit(address)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, **options)
    return urllib3.PoolManager(**options)
