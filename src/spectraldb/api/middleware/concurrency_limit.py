"""A limit of how many requests a process works on at the same time."""

from starlette.types import ASGIApp, Receive, Scope, Send

from spectraldb.api.errors import error_response
from spectraldb.api.middleware.exempt import is_limited

RETRY_SECONDS = 1


class ConcurrencyLimitMiddleware:
    """Refuses requests, with status 503, while too many others are running.

    The event loop of its process calls it, so its count needs no lock.

    Parameters
    ----------
    app
        The application that answers the others.
    limit
        The number of requests that may run at the same time; None for any number.
    """

    def __init__(self, app: ASGIApp, limit: int | None) -> None:
        self._app = app
        self._limit = limit
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse a request."""
        if self._limit is None or not is_limited(scope):
            await self._app(scope, receive, send)
            return
        if self._running >= self._limit:
            message = f"{self._running} requests are being answered, the most here; ask again soon"
            await error_response(503, message, RETRY_SECONDS)(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1
