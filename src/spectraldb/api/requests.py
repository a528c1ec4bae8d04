"""Each request: its id, a line in the log, and what the metrics count of it."""

import json
import logging
import re
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
GONE = 499
"""The status of an answer whose client went away, as nginx has it."""

_ID = re.compile(rb"[\w.:-]{1,64}")

REQUESTS = Counter("spectraldb_requests", "Requests that were answered", ["path", "status"])
SECONDS = Histogram(
    "spectraldb_request_seconds",
    "How long an answer took, to its last byte",
    ["path"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
BYTES = Counter("spectraldb_response_bytes", "Bytes of answers", ["path"])
RUNNING = Gauge(
    "spectraldb_requests_running", "Requests that are being answered", multiprocess_mode="livesum"
)

_log = logging.getLogger("spectraldb.requests")


@dataclass
class Answer:
    """What is known of an answer."""

    status: int = GONE
    """Until an answer begins: the client went away before."""
    bytes: int = 0
    is_whole: bool = False
    failure: str = ""

    @property
    def outcome(self) -> int:
        """The status, or 499 for an answer that broke off."""
        return self.status if self.is_whole else GONE


class FollowRequests:
    """Gives each request an id, which its answer and the log have, and counts it.

    Parameters
    ----------
    app
        What answers.
    paths
        Those that are counted by name; what nobody serves must not make new series.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _id_of(scope)
        answer, began = Answer(), time.monotonic()

        async def follow(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                message = {**message, "headers": [*message["headers"], (HEADER, request_id)]}
            else:
                answer.bytes += len(message.get("body", b""))
                answer.is_whole = not message.get("more_body", False)
            await send(message)

        RUNNING.inc()
        try:
            await self._app(scope, receive, follow)
        except BaseException as error:
            answer.failure = type(error).__name__
            raise
        finally:
            RUNNING.dec()
            seconds = time.monotonic() - began
            path = self._counted(scope["path"])
            REQUESTS.labels(path, str(answer.outcome)).inc()
            SECONDS.labels(path).observe(seconds)
            BYTES.labels(path).inc(answer.bytes)
            _note(scope, request_id.decode(), answer, seconds)

    def _counted(self, path: str) -> str:
        """Return the path without the ending that says a format."""
        plain = path.rsplit(".", 1)[0]
        return next((known for known in (path, plain) if known in self._paths), "other")


def _id_of(scope: Scope) -> bytes:
    """Return the id that a proxy or the client gave, if it is one, else a new one."""
    given = dict(scope["headers"]).get(HEADER, b"")
    return bytes(given) if _ID.fullmatch(given) else uuid.uuid4().hex.encode()


def _note(scope: Scope, request_id: str, answer: Answer, seconds: float) -> None:
    told = {
        "request": request_id,
        "client": scope["client"][0] if scope.get("client") else "",
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "status": answer.outcome,
        "bytes": answer.bytes,
        "ms": round(seconds * 1000, 1),
    }
    if answer.failure:
        told["failure"] = answer.failure
    _log.info("%s %s %s", told["method"], told["path"], told["status"], extra={"told": told})


class JsonLines(logging.Formatter):
    """The log as a JSON object a line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """The log for people: a request with its query, how long it took, and its id."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        when = datetime.fromtimestamp(record.created).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        told = getattr(record, "told", None)
        if told is None:
            return f"{when} {record.levelname.lower()}: {super().format(record)}"
        query = f"?{told['query']}" if told["query"] else ""
        return (
            f"{when} {told['client']} {told['method']} {told['path']}{query} {told['status']} "
            f"{told['bytes']} bytes {told['ms']} ms {told['request']}"
        )
