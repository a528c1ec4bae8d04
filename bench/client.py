"""A client on the same machine that keeps its connection open between requests."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.support.ports import HOST

PIECE = 2**20
REST_S = 1
"""Idle time after which the client reconnects; uvicorn closes idle connections after 5 s."""


@dataclass(frozen=True)
class Reply:
    """Times and size of a response."""

    seconds: float
    first_byte: float
    """Seconds until the first byte of the body arrived."""
    size: int


class Client:
    """A client that repeats one request."""

    def __init__(self, port: int, target: str) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=900)
        self._target = target
        self._used = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, use: Callable[[bytes], object] = len) -> Reply:
        """Send the request, and call `use` with each piece of the body."""
        self._connect()
        start = time.perf_counter()
        self._connection.request("GET", self._target)
        response = self._connection.getresponse()
        piece = response.read(1)
        first_byte, size = time.perf_counter() - start, 0
        while piece:
            size += len(piece)
            use(piece)
            piece = response.read(PIECE)
        self._used = time.perf_counter()
        seconds = self._used - start
        if response.status != 200:
            raise RuntimeError(f"{self._target} returned status {response.status}.")
        return Reply(seconds, first_byte, size)

    def _connect(self) -> None:
        """Reconnect if the connection has been idle."""
        if time.perf_counter() - self._used > REST_S:
            self._connection.close()
            self._connection.connect()


def retrieve_target(name: str) -> str:
    """Return the path and query of a retrieval from Spectral DB."""
    return f"/spectra/api/v0.1/retrieve?filename={name}"
