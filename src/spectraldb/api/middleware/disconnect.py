"""Cancellation of the work for a client that disconnects."""

import asyncio
import threading

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spectraldb.cancellation import Cancellation

_KEY = "spectraldb.disconnected"


class DisconnectMiddleware:
    """Detects that the client of a request disconnects while the application works on it.

    It passes every message on to the application. The event loop sets an event of the request,
    which the thread that works on the request reads.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        disconnected = threading.Event()
        messages: asyncio.Queue[Message] = asyncio.Queue()

        async def watch() -> None:
            while not disconnected.is_set():
                message = await receive()
                if message["type"] == "http.disconnect":
                    disconnected.set()
                messages.put_nowait(message)

        watcher = asyncio.create_task(watch())
        try:
            await self._app({**scope, _KEY: disconnected}, messages.get, send)
        finally:
            watcher.cancel()


def cancel_on_disconnect(request: Request) -> Cancellation:
    """Return a cancellation token that is set when the client of a request disconnects."""
    disconnected: threading.Event = request.scope[_KEY]
    return Cancellation(disconnected.is_set)
