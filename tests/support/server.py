"""A server in a thread, on a local socket."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from spectraldb.api.app import create_app
from spectraldb.service.service import Service


@contextmanager
def served(service: Service) -> Iterator[str]:
    """Serve in a thread, and yield the URL."""
    server = uvicorn.Server(uvicorn.Config(create_app(service), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
