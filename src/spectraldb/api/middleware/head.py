"""HEAD, answered as GET is: the same status and headers, without a body (RFC 9110, 9.3.2)."""

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from spectraldb.errors import StoppedError

_KEY = "spectraldb.head"


class HeadAsGet:
    """Hands requests for heads on as GET; the server leaves the body out, as of any HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", _KEY: True}
        await self._app(scope, receive, send)


def wants_head(request: Request) -> bool:
    """Tell whether only the head of an answer is wanted."""
    return _KEY in request.scope


def streamed(request: Request, pieces: Iterable[bytes], **rest: Any) -> StreamingResponse:  # noqa: ANN401
    """Return an answer that is computed while it is sent; for its head alone nothing is."""
    return StreamingResponse(() if wants_head(request) else _until_stopped(pieces), **rest)


def _until_stopped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except StoppedError:
        return  # there is nobody left to tell
