"""Servers that fail, stop early or are slow."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pytest

from spectraldb import SpectralDB
from spectraldb.client import remote as module
from spectraldb.errors import LakeError, LimitError, NoAnswerError, SpectralDBError
from spectraldb.service.service import Service

Answer = Callable[[BaseHTTPRequestHandler, int], None]
GOOD = b'{"status": 1, "products": 7}'


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int = 0) -> None:
    handler.send_response(status)
    handler.send_header("content-length", str(length or len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of a server and its requests; `answer` receives the number of a request."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            answer(self, len(requests))

        do_POST = do_GET  # noqa: N815 - its name in the base class

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{served.server_port}", requests
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_SECONDS", 0.0)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_failed_request_is_retried(status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler, n: int) -> None:
        send(handler, 200 if n > 2 else status, GOOD if n > 2 else b"<html>")

    with server(answer) as (address, requests), SpectralDB(address, progress=False) as db:
        assert db.holdings["products"] == 7
        assert len(requests) == 3


def test_broken_connection_is_retried() -> None:
    def answer(handler: BaseHTTPRequestHandler, n: int) -> None:
        if n < 3:
            handler.connection.close()
        else:
            send(handler, 200, GOOD)

    with server(answer) as (address, requests), SpectralDB(address, progress=False) as db:
        assert db.holdings["products"] == 7
        assert len(requests) == 3


def test_message_after_the_last_retry() -> None:
    body = b'{"status": 0, "message": "the lake cannot be read now; try again later"}'
    with (
        server(lambda handler, _: send(handler, 503, body)) as (address, requests),
        SpectralDB(address, retries=2, progress=False) as db,
    ):
        with pytest.raises(LakeError, match=r"^the lake cannot be read now; try again later$"):
            db.holdings  # noqa: B018 - a property that sends a request
        assert len(requests) == 3


def test_invalid_request_is_not_retried() -> None:
    body = b'{"status": 0, "message": "too much"}'
    with (
        server(lambda handler, _: send(handler, 422, body)) as (address, requests),
        SpectralDB(address, progress=False) as db,
    ):
        with pytest.raises(LimitError, match="too much"):
            db.search(wavelength=3).to_arrow()
        assert len(requests) == 1


def test_error_page_of_a_proxy() -> None:
    with (
        server(lambda handler, _: send(handler, 403, b"<html>no</html>")) as (address, _),
        SpectralDB(address, progress=False) as db,
        pytest.raises(SpectralDBError, match="/holdings: The server returned status 403 Forbidden"),
    ):
        db.holdings  # noqa: B018 - a property that sends a request


def test_no_server() -> None:
    with (
        SpectralDB("http://127.0.0.1:9", retries=1, progress=False) as db,
        pytest.raises(NoAnswerError, match=r"127.0.0.1:9: The server does not respond: .*refused"),
    ):
        db.holdings  # noqa: B018 - a property that sends a request


def test_slow_server() -> None:
    done = threading.Event()

    def answer(handler: BaseHTTPRequestHandler, n: int) -> None:
        if n == 1:
            done.wait(5)
        else:
            send(handler, 200, GOOD)

    with (
        server(answer) as (address, requests),
        SpectralDB(address, timeout=0.2, progress=False) as db,
    ):
        assert db.holdings["products"] == 7
        done.set()
        assert len(requests) == 2


@pytest.mark.parametrize("cut", [0.1, 0.6, 0.99])
def test_incomplete_response_is_an_error(samples: Service, cut: float) -> None:
    table = samples.stream([("wavelength", "3,4")])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.batches():
            writer.write_batch(batch.cast(table.schema))
    body = sink.getvalue().to_pybytes()

    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        send(handler, 200, body[: int(len(body) * cut)], len(body))

    with server(answer) as (address, _), SpectralDB(address, progress=False) as db:
        with pytest.raises(NoAnswerError, match="The response is incomplete"):
            db.search(wavelength=(3, 4)).to_arrow()
        with pytest.raises(NoAnswerError, match="The response is incomplete"):
            db.retrieve("x.fits")


@pytest.mark.parametrize("ending", ["", "/", "/spectra/api/v0.1", "/spectra/api/v0.1/"])
def test_addresses_with_a_path(ending: str) -> None:
    with SpectralDB(f"http://h:1/jwst{ending}") as db:
        expected = "http://h:1/jwst/spectra/api/v0.1/search?flux.gte=3.0+mJy&columns=uri,spectrum"
        assert db.search("flux.gte=3.0 mJy").url == expected


def test_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(lambda handler, _: send(handler, 200, GOOD)) as (address, requests):
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.delenv("no_proxy", raising=False)
        with SpectralDB("http://spectra.invalid", progress=False) as db:
            assert db.holdings["products"] == 7
        assert requests == ["http://spectra.invalid/spectra/api/v0.1/holdings"]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with SpectralDB(address, progress=False) as db:
            assert db.holdings["products"] == 7
