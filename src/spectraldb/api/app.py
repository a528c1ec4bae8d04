"""The application: routes, documentation and errors put together."""

from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from spectraldb import __version__
from spectraldb.api.errors import install_errors
from spectraldb.api.gone import WatchClients
from spectraldb.api.head import HeadAsGet
from spectraldb.api.match import match_router
from spectraldb.api.retrieve import retrieve_router
from spectraldb.api.search import search_router
from spectraldb.page.routes import install_page
from spectraldb.service import Service

PREFIXES = ("/spectra/api/v0.1", "/viz/api/v0.1")
"""Where the archive has its API; both are the same."""


def create_app(service: Service) -> FastAPI:
    """Return the application that answers from a service."""
    app = FastAPIOffline(
        title="Spectral DB",
        version=__version__,
        description="Search and retrieve the pixels of JWST level-3 spectra.",
        docs_url="/spectra/docs",
        redoc_url=None,
        openapi_url="/spectra/openapi.json",
        static_url="/spectra/static",
    )
    install_errors(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(WatchClients)
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign]
    for prefix in PREFIXES:
        for router in (retrieve_router(service), search_router(service), match_router(service)):
            app.include_router(router, prefix=prefix, include_in_schema=prefix == PREFIXES[0])

    install_page(app)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's description without what it adds of its own errors: here they are 400."""
    schema = FastAPI.openapi(app)
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    return schema
