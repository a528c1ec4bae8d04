"""The server process."""

import contextlib
import socket
import threading

import uvicorn

from spectraldb.api.app import create_app
from spectraldb.errors import AddressError, SpectralDBError
from spectraldb.service import Service

NOTHING = (("product", "all"), ("wavelength.lt", "0"))
"""A search that finds nothing: what it reads on its way is in memory then."""


def run_server(service: Service) -> None:
    """Serve until stopped by Ctrl-C or SIGTERM.

    Raises
    ------
    AddressError
        If the address is taken, or is none of this machine's.
    """
    listener = _listen(service.settings.host, service.settings.port)
    if not service.products():
        print("The lake is empty: run `spectraldb ingest PATH...` (the server may go on)")  # noqa: T201
    threading.Thread(target=_get_ready, args=(service,), daemon=True).start()
    address = f"http://{service.settings.host}:{listener.getsockname()[1]}"
    print(f"Spectral DB answers at {address}/ (stop with Ctrl-C)", flush=True)  # noqa: T201
    config = uvicorn.Config(create_app(service), log_level="info")
    uvicorn.Server(config).run(sockets=[listener])


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


def _get_ready(service: Service) -> None:
    """Do now what the first asker would have to wait for."""
    with contextlib.suppress(SpectralDBError):  # whoever asks is told
        service.count(NOTHING)
    # Positions and old 2-D wavelengths need these.
    import asdf  # noqa: F401, PLC0415
    import astropy.wcs  # noqa: F401, PLC0415
    import gwcs  # noqa: F401, PLC0415
