"""The server: one process or several, which share a socket."""

import contextlib
import importlib
import logging
import os
import re
import socket
import tempfile
import threading
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from spectraldb.errors import AddressError, SpectralDBError
from spectraldb.service import Service
from spectraldb.settings import Settings
from spectraldb.stop import Stop, never

METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes leave what they count for each other; it must be set before they begin."""


def run_server(service: Service) -> None:
    """Serve until stopped by Ctrl-C or SIGTERM; answers that are being sent are finished first.

    Raises
    ------
    AddressError
        If the address is taken, or is none of this machine's.
    """
    settings = service.settings
    listener = _listen(settings.host, settings.port)
    if not service.products():
        print("The lake is empty: run `spectraldb ingest PATH...` (the server may go on)")  # noqa: T201
    address = f"http://{settings.host}:{listener.getsockname()[1]}"
    print(f"Spectral DB answers at {address}/ (stop with Ctrl-C)", flush=True)  # noqa: T201
    if settings.processes == 1:
        with _getting_ready(service):
            uvicorn.Server(_config(_app(service), settings)).run(sockets=[listener])
        return
    with tempfile.TemporaryDirectory(prefix="spectraldb-") as folder:
        os.environ[METRICS] = folder
        # Processes are made anew, and make their own application: settings go by environment.
        for name, value in settings.model_dump(mode="json", exclude_none=True).items():
            os.environ[f"SPECTRALDB_{name.upper()}"] = str(value)
        _log_as(settings)
        config = _config("spectraldb.api.server:make_app", settings)
        _Processes(config, sockets=[listener]).run()


class _Processes(Multiprocess):
    """Processes that share a socket, which is closed once they are to stop.

    As long as one process has it open, the system takes connections that nobody answers.
    """

    def terminate_all(self) -> None:
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def make_app() -> FastAPI:
    """Return the application of one process of several, with a service of its own."""
    settings = Settings()
    limit = share(settings.memory_limit, settings.processes)
    service = Service(settings.model_copy(update={"memory_limit": limit}))
    threading.Thread(target=_get_ready, args=(service,), daemon=True).start()
    return _app(service)


def share(limit: str, processes: int) -> str:
    """Return the part of a limit of memory, such as 60% or 4GB, that each process has."""
    number = re.match(r"[\d.]+", limit)
    if number is None:
        return limit
    return f"{float(number[0]) / processes:g}{limit[number.end() :]}"


def _app(service: Service) -> FastAPI:
    # Metrics are kept where the environment says when they are first imported.
    from spectraldb.api.app import create_app  # noqa: PLC0415

    _log_as(service.settings)
    return create_app(service)


def _config(app: FastAPI | str, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=settings.processes,
        log_config=None,
        access_log=False,  # requests have a log of their own
        timeout_graceful_shutdown=settings.stop_seconds,
    )


def _log_as(settings: Settings) -> None:
    """Log to standard error, as the settings say."""
    from spectraldb.api.requests import JsonLines, TextLines  # noqa: PLC0415

    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if settings.log == "json" else TextLines())
    for name in ("uvicorn", "spectraldb"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, before anything is said of it."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise AddressError(
            f"cannot listen on {host}, port {port}: {error.strerror}; choose another with --host "
            "and --port"
        ) from error


@contextlib.contextmanager
def _getting_ready(service: Service) -> Iterator[None]:
    """Get ready in a thread, which is over at the end.

    A thread that outlives the interpreter keeps DuckDB's objects alive, which DuckDB's bindings
    then report as leaked on standard error.
    """
    stopped = threading.Event()
    thread = threading.Thread(target=_get_ready, args=(service, stopped.is_set), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(service.settings.stop_seconds)


def _get_ready(service: Service, stop: Stop = never) -> None:
    """Do now what the first asker would have to wait for."""
    with contextlib.suppress(SpectralDBError):  # whoever asks is told
        service.warm()
    # Positions and old 2-D wavelengths need these.
    for module in ("asdf", "astropy.wcs", "gwcs"):
        if stop():
            return
        importlib.import_module(module)
