"""The log and the metrics of requests."""

import logging
import re
import time
import uuid
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spectraldb.api import metrics

HEADER = b"x-request-id"
CLIENT_CLOSED_REQUEST = 499
"""The status of a response whose client disconnected, as nginx logs it."""

_ID = re.compile(rb"[\w.:-]{1,64}")

_log = logging.getLogger("spectraldb.requests")


@dataclass
class ResponseRecord:
    """The part of the response to a request that was sent."""

    status: int = CLIENT_CLOSED_REQUEST
    """Also the initial value, for clients that disconnect before the response starts."""
    bytes: int = 0
    is_complete: bool = False
    failure: str = ""

    @property
    def outcome(self) -> int:
        """The status, or 499 for an incomplete response."""
        return self.status if self.is_complete else CLIENT_CLOSED_REQUEST

    def update(self, message: Message) -> None:
        """Add a message that is sent to the client."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.bytes += len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)


class RequestLogMiddleware:
    """Logs and counts requests, and adds a request ID to each response and log line.

    It has no state between requests; the metrics have their own locks.

    Parameters
    ----------
    app
        The wrapped application.
    paths
        The paths that are counted by name. All others are counted as `other`, so that requests
        for unknown paths do not create metrics.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        response, started = ResponseRecord(), time.monotonic()

        async def send_recorded(message: Message) -> None:
            response.update(message)
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (HEADER, request_id)]}
            await send(message)

        metrics.RUNNING.inc()
        try:
            await self._app(scope, receive, send_recorded)
        except BaseException as error:
            response.failure = type(error).__name__
            raise
        finally:
            metrics.RUNNING.dec()
            seconds = time.monotonic() - started
            path = self._metric_path(scope["path"])
            metrics.count_request(path, response.outcome, response.bytes, seconds)
            _log_request(scope, request_id.decode(), response, seconds)

    def _metric_path(self, path: str) -> str:
        """Return the path without the suffix of a format; `other` for unknown paths."""
        stem = path.rsplit(".", 1)[0]
        return next((known for known in (path, stem) if known in self._paths), "other")


def _request_id(scope: Scope) -> bytes:
    """Return the request ID of the proxy or client if it is valid, otherwise a new one."""
    sent = bytes(dict(scope["headers"]).get(HEADER, b""))
    return sent if _ID.fullmatch(sent) else uuid.uuid4().hex.encode()


def _log_request(scope: Scope, request_id: str, response: ResponseRecord, seconds: float) -> None:
    fields = {
        "request": request_id,
        "client": scope["client"][0] if scope.get("client") else "",
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "status": response.outcome,
        "bytes": response.bytes,
        "ms": round(seconds * 1000, 1),
    }
    if response.failure:
        fields["failure"] = response.failure
    message = ("%s %s %s", fields["method"], fields["path"], fields["status"])
    _log.info(*message, extra={"request_fields": fields})
