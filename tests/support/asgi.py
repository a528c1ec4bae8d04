"""An ASGI application called directly, without a server and without a test client."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio


def run_async(function: Callable[[], Awaitable[None]]) -> None:
    """Run an async function in an event loop of its own thread.

    The main thread may already run the event loop of the browser tests.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, function).result()


async def status_of(app: Any, path: str) -> int:
    """Send a GET request to an application, and return the status of its response."""
    statuses: list[int] = []

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    async def receive() -> Any:
        await anyio.sleep(60)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return statuses[0]
