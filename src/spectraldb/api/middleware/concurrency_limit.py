"""A limit on the number of concurrent requests per process."""

from starlette.types import ASGIApp, Receive, Scope, Send

from spectraldb.api.errors import error_response
from spectraldb.api.middleware.exempt import is_limited

RETRY_SECONDS = 1


class ConcurrencyLimitMiddleware:
    """Refuses requests with status 503 while too many are running.

    Only the event loop calls it, so its counter needs no lock.

    Parameters
    ----------
    app
        The wrapped application.
    limit
        Maximum number of concurrent requests; None for no limit.
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
            message = "The server is busy. Try again in a few seconds."
            await error_response(503, message, RETRY_SECONDS)(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1
