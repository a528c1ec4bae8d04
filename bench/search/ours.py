"""Spectral DB, in this process and over HTTP."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from bench.biglake.build import Built
from bench.client import Client
from bench.cpu import tree_seconds
from bench.lake import folder_size
from bench.search.contender import Contender, Rows
from bench.search.question import Question
from bench.server import Server
from spectraldb.service.service import Service
from spectraldb.settings import Settings


def open_service(lake: Path, stack: ExitStack) -> Service:
    """Return a service over a lake, with default settings."""
    service = Service(Settings(lake=lake))
    stack.callback(service.close)
    return service


def in_process(service: Service, built: Built) -> Contender:
    """Return the engine in this process, timed from the parameters to an Arrow table."""

    def ask(question: Question) -> Any:  # noqa: ANN401 - a table or a list of rows
        if question.counts:
            found = service.count(question.pairs)
            return [(found.pixels, found.products)]
        return service.search(question.pairs).rows

    return Contender("Spectral DB", ask, loaded=built.optimized, size=folder_size(built.folder))


def over_http(server: Server, stack: ExitStack) -> Contender:
    """Return the server, timed over a persistent connection to the last byte of JSON."""
    clients: dict[str, Client] = {}

    def ask(question: Question) -> bytes:
        if question.target not in clients:
            clients[question.target] = stack.enter_context(Client(server.port, question.target))
        pieces: list[bytes] = []
        clients[question.target].get(pieces.append)
        return b"".join(pieces)

    return Contender("Spectral DB over HTTP", ask, _rows, cpu=lambda: tree_seconds(server.pid))


def _rows(body: bytes) -> Rows:
    """Return the rows of a JSON response, without the empty `y`."""
    found = orjson.loads(body)
    if "results" not in found:
        return [(found["pixels"], found["products"])]
    rows = found["results"]
    return [tuple(v for k, v in row.items() if k != "y" or v is not None) for row in rows]
