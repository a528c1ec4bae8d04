"""HEAD requests, answered like GET: same status and headers, no body (RFC 9110, 9.3.2)."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "spectraldb.head"


class HeadMiddleware:
    """Passes HEAD requests on as GET requests; the server itself omits the body.

    It has no state.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", _KEY: True}
        await self._app(scope, receive, send)


def is_head(request: Request) -> bool:
    """Return whether the client requested only the headers."""
    return _KEY in request.scope
