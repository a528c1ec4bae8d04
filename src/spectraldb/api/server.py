"""The server process."""

import sys
import threading

import uvicorn

from spectraldb.api.app import create_app
from spectraldb.service import Service


def run_server(service: Service) -> None:
    """Serve until stopped by Ctrl-C or SIGTERM."""
    settings = service.settings
    if not service.products():
        print("The lake is empty: run `spectraldb ingest PATH...` (the server may go on)")  # noqa: T201
    # Positions and old 2-D wavelengths need these; importing them now spares the first asker.
    threading.Thread(target=_import_slow, daemon=True).start()
    config = uvicorn.Config(
        create_app(service), host=settings.host, port=settings.port, log_level="info"
    )
    address = f"http://{settings.host}:{settings.port}"
    print(f"Spectral DB answers at {address}/spectra/docs (stop with Ctrl-C)", flush=True)  # noqa: T201
    uvicorn.Server(config).run()
    sys.stdout.flush()


def _import_slow() -> None:
    import asdf  # noqa: F401, PLC0415
    import astropy.wcs  # noqa: F401, PLC0415
    import gwcs  # noqa: F401, PLC0415
