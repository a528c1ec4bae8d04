"""The server: one process, or several that share a socket."""

import asyncio
import contextlib
import os
import re
import socket
import tempfile
import threading
from collections.abc import Iterator
from importlib import import_module

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from spectraldb.api.logs import configure_logging
from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import AddressError, SpectralDBError
from spectraldb.service.records import EMPTY_LAKE
from spectraldb.service.service import Service
from spectraldb.settings import Settings

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable with the folder of the metrics of all processes; set before they start."""


def run_server(service: Service) -> None:
    """Serve until Ctrl-C or SIGTERM, and complete the running responses.

    Raises
    ------
    AddressError
        If the address is in use, or does not belong to this machine.
    """
    settings = service.settings
    listener = open_listener(settings.host, settings.port)
    if not service.products():
        print(EMPTY_LAKE)  # noqa: T201 - output
    address = f"http://{settings.host}:{listener.getsockname()[1]}"
    running = f"Spectral DB is running at {address}/ (press Ctrl-C to stop)"
    if settings.processes == 1:
        with _warming_up(service):
            _Server(_config(_prepare_app(service), settings), running).run(sockets=[listener])
        return
    print(running, flush=True)  # noqa: T201 - output; the processes answer as they become ready
    with tempfile.TemporaryDirectory(prefix="spectraldb-") as folder:
        os.environ[METRICS_FOLDER] = folder
        # Processes are spawned and create their own application from the environment.
        for name, value in settings.model_dump(mode="json", exclude_none=True).items():
            os.environ[f"SPECTRALDB_{name.upper()}"] = str(value)
        configure_logging(settings)
        config = _config("spectraldb.api.server:make_app", settings)
        _ServerProcesses(config, sockets=[listener]).run()


_BACKLOG = 4
"""Position of the number of connections to accept, among the arguments of asyncio's method."""


class FairEventLoop(asyncio.SelectorEventLoop):
    """An event loop that accepts one connection at a time.

    asyncio accepts all that wait, so that one of several processes with the same listening socket
    would get most connections, which its clients then keep open.
    """

    def _accept_connection(self, *arguments: object) -> None:
        before, after = arguments[:_BACKLOG], arguments[_BACKLOG + 1 :]
        super()._accept_connection(*before, 1, *after)  # type: ignore[misc] # internal


def make_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of one of several processes."""
    return FairEventLoop()


class _Server(uvicorn.Server):
    """A server that announces its address once it accepts requests."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and announce the address."""
        await super().startup(sockets)
        if self.started:
            print(self._announcement, flush=True)  # noqa: T201 - output


class _ServerProcesses(Multiprocess):
    """Server processes that share a listening socket, which is closed before they stop.

    While any process has the socket open, the system accepts connections that nothing answers.
    """

    def terminate_all(self) -> None:
        """Close the socket, then stop the processes."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def make_app() -> FastAPI:
    """Return the application of one of several processes, with its own service."""
    settings = Settings()
    limit = divide_memory(settings.memory_limit, settings.processes)
    service = Service(settings.model_copy(update={"memory_limit": limit}))
    threading.Thread(target=_warm_up, args=(service, NEVER), daemon=True).start()
    return _prepare_app(service)


def divide_memory(limit: str, processes: int) -> str:
    """Return the share of a memory limit, such as 60% or 4GB, that each process may use."""
    number = re.match(r"[\d.]+", limit)
    if number is None:
        return limit
    return f"{float(number[0]) / processes:g}{limit[number.end() :]}"


def _prepare_app(service: Service) -> FastAPI:
    """Return the application of a service."""
    from spectraldb.api.app import create_app  # noqa: PLC0415 - reads METRICS_FOLDER when imported

    configure_logging(service.settings)
    return create_app(service)


def _config(app: FastAPI | str, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=settings.processes,
        loop="auto" if settings.processes == 1 else "spectraldb.api.server:make_loop",
        log_config=None,
        access_log=False,  # the middleware logs requests
        timeout_graceful_shutdown=settings.stop_seconds,
    )


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket, opened before the address is announced.

    Raises
    ------
    AddressError
        If the address is in use, or does not belong to this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise AddressError(
            f"Cannot listen on {host}, port {port}. Choose another address with --host and "
            f"--port. Reason: {os.strerror(error.errno or 0)}"
        ) from error
    # Connections inherit this.  asyncio sets it only on sockets that name their protocol, and
    # without it the body of a short response waits 40 ms for an acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@contextlib.contextmanager
def _warming_up(service: Service) -> Iterator[None]:
    """Warm up in a thread that ends with the block.

    If the thread outlived the interpreter, DuckDB would report its objects as leaked on stderr.
    """
    stopped = threading.Event()
    cancel = Cancellation(stopped.is_set)
    thread = threading.Thread(target=_warm_up, args=(service, cancel), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(service.settings.stop_seconds)


def _warm_up(service: Service, cancel: Cancellation) -> None:
    """Load in advance what the first request would have to wait for."""
    with contextlib.suppress(SpectralDBError):  # requests report the error
        service.warm()
    # Positions and the wavelengths of old 2-D spectra need these modules, which import slowly.
    for name in ("asdf", "astropy.wcs", "gwcs"):
        if cancel.requested():
            return
        import_module(name)
