"""Limits of how much is answered at once, and to one client."""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from spectraldb.api.errors import error_response

MOST_CLIENTS = 10_000
"""Of how many clients it is noted what they asked; the longest silent is forgotten first."""

FREE = ("/health", "/ready", "/metrics")
"""What is always answered, so that a busy server does not look like a dead one."""


@dataclass
class Allowance:
    """What a client may still ask for; it fills up again with time."""

    left: float
    filled: float


class LimitRequests:
    """Refuses requests that are too many.

    Parameters
    ----------
    app
        What answers the others.
    running
        How many requests are answered at the same time; None for any number.
    per_minute
        How many requests of one client are answered in a minute; None for any number.
    """

    def __init__(self, app: ASGIApp, running: int | None, per_minute: int | None) -> None:
        self._app = app
        self._most = running
        self._per_minute = per_minute
        self._running = 0
        self._clients: OrderedDict[str, Allowance] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        wait = self._wait(scope["client"][0] if scope.get("client") else "")
        if wait:
            message = f"more than {self._per_minute} requests a minute; ask again in {wait} s"
            await error_response(429, message, wait)(scope, receive, send)
            return
        if self._most is not None and self._running >= self._most:
            message = f"{self._running} requests are being answered, the most here; ask again soon"
            await error_response(503, message, 1)(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1

    def _wait(self, client: str) -> int:
        """Return in how many seconds a client may ask again; 0 for now."""
        if self._per_minute is None:
            return 0
        now, rate = time.monotonic(), self._per_minute / 60
        allowance = self._clients.pop(client, None) or Allowance(self._per_minute, now)
        allowance.left = min(self._per_minute, allowance.left + (now - allowance.filled) * rate)
        allowance.filled = now
        self._clients[client] = allowance
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        if allowance.left < 1:
            return math.ceil((1 - allowance.left) / rate)
        allowance.left -= 1
        return 0
