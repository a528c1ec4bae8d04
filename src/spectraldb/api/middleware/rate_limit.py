"""A limit on the number of requests per minute and client."""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from spectraldb.api.errors import error_response
from spectraldb.api.middleware.exempt import is_limited

MAX_CLIENTS = 10_000
"""Maximum number of tracked clients; the least recently active is dropped first."""


@dataclass
class TokenBucket:
    """The number of requests that a client may still send, which increases with time."""

    tokens: float
    refilled: float
    """Time of the last refill, in seconds of the monotonic clock."""


class RateLimitMiddleware:
    """Refuses requests with status 429 from clients that send too many.

    Only the event loop calls it, so its token buckets need no lock.

    Parameters
    ----------
    app
        The wrapped application.
    per_minute
        Maximum number of requests per minute and client; None for no limit.
    """

    def __init__(self, app: ASGIApp, per_minute: int | None) -> None:
        self._app = app
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse a request."""
        if self._per_minute is None or not is_limited(scope):
            await self._app(scope, receive, send)
            return
        client = scope["client"][0] if scope.get("client") else ""
        seconds = self._retry_after(client, self._per_minute)
        if seconds:
            message = f"More than {self._per_minute} requests per minute. Try again in {seconds} s."
            await error_response(429, message, seconds)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _retry_after(self, client: str, per_minute: int) -> int:
        """Return the seconds until a client may send a request; 0 consumes a token."""
        now, rate = time.monotonic(), per_minute / 60
        bucket = self._buckets.pop(client, None) or TokenBucket(per_minute, now)
        bucket.tokens = min(per_minute, bucket.tokens + (now - bucket.refilled) * rate)
        bucket.refilled = now
        self._buckets[client] = bucket
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return math.ceil((1 - bucket.tokens) / rate)
        bucket.tokens -= 1
        return 0
