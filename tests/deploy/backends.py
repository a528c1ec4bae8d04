"""Stand-ins for the servers behind a proxy, and a client of the proxy."""

import json
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

from spectraldb.formats.json import MEDIA_TYPE, error_json


@dataclass(frozen=True)
class Response:
    """A response as the client receives it."""

    status: int
    body: bytes
    headers: Message

    @property
    def message(self) -> str:
        """Return the message of an error."""
        assert self.headers["Content-Type"] == "application/json"
        assert self.headers["X-Request-ID"]
        text = json.loads(self.body)
        assert set(text) == {"status", "message"}
        assert text["status"] == 0
        return str(text["message"])


def send(port: int, path: str = "/", body: bytes | None = None, method: str = "GET") -> Response:
    """Send a request on a new connection; HTTP errors are returned as responses."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method if body is None else "POST", path, body)
        response = connection.getresponse()
        return Response(response.status, response.read(), response.headers)


class Backend(ThreadingHTTPServer):
    """A server behind the proxy that records its requests, and can be busy or broken."""

    daemon_threads = True
    busy = False
    """Whether it refuses requests."""
    closed = False
    """Whether it closes connections without a response."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(("127.0.0.1", port), BackendHandler)
        self.name = name
        self.may_respond = Event()
        self.may_respond.set()
        self.requests: list[Message] = []

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class BackendHandler(BaseHTTPRequestHandler):
    """Responds with the name of the backend, or as a busy server does."""

    protocol_version = "HTTP/1.1"
    server: Backend

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(self.headers)
        self.server.may_respond.wait()
        if self.server.closed:
            self.close_connection = True
            return
        text = self.server.name.encode()
        if self.server.busy:
            text = error_json("The server is busy with 5 requests. Retry later.")
        self.send_response(503 if self.server.busy else 200)
        self.send_header("Content-Length", str(len(text)))
        if self.server.busy:
            self.send_header("Content-Type", MEDIA_TYPE)
            self.send_header("Retry-After", "7")
        self.send_header("X-Request-ID", self.headers["X-Request-ID"])
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_POST = do_HEAD = do_GET  # noqa: N815 - names of the API

    def log_message(self, *_: object) -> None:
        """Log nothing: tests inspect the recorded requests."""
