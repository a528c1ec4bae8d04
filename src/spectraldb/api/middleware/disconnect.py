"""Clients that go away: what is at work for them may stop."""

import asyncio
import threading

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spectraldb.cancellation import Cancellation

_KEY = "spectraldb.gone"


class WatchClients:
    """Notes for each request when its client has gone away."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        gone = threading.Event()
        messages: asyncio.Queue[Message] = asyncio.Queue()

        async def watch() -> None:
            while not gone.is_set():
                message = await receive()
                if message["type"] == "http.disconnect":
                    gone.set()
                messages.put_nowait(message)

        watching = asyncio.create_task(watch())
        try:
            await self._app({**scope, _KEY: gone}, messages.get, send)
        finally:
            watching.cancel()


def client_gone(request: Request) -> Cancellation:
    """Return a cancellation token that is set when the client of a request disconnects."""
    gone: threading.Event = request.scope[_KEY]
    return Cancellation(gone.is_set)
