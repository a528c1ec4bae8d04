"""The application: routes, documentation and errors put together."""

from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from spectraldb import __version__
from spectraldb.api.errors import install_errors
from spectraldb.api.middleware.disconnect import WatchClients
from spectraldb.api.middleware.head import HeadAsGet
from spectraldb.api.middleware.limits import LimitRequests
from spectraldb.api.requests import FollowRequests
from spectraldb.api.routes.match import match_router
from spectraldb.api.routes.operations import operations_router
from spectraldb.api.routes.retrieve import retrieve_router
from spectraldb.api.routes.search import search_router
from spectraldb.page.routes import install_page
from spectraldb.service.service import Service

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
    settings = service.settings
    app.add_middleware(HeadAsGet)
    app.add_middleware(WatchClients)
    app.add_middleware(
        LimitRequests, running=settings.max_running, per_minute=settings.max_per_minute
    )
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign]
    paths = set()
    routers = [retrieve_router(service), search_router(service), match_router(service)]
    for prefix in PREFIXES:
        for router in routers:
            app.include_router(router, prefix=prefix, include_in_schema=prefix == PREFIXES[0])
            paths |= {prefix + getattr(route, "path", "") for route in router.routes}
    operations = operations_router(service, several=settings.processes > 1)
    app.include_router(operations)
    paths |= {getattr(route, "path", "") for route in operations.routes}
    install_page(app)
    # The outermost: what is refused is followed too.
    app.add_middleware(FollowRequests, paths=frozenset(paths))
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's description without what it adds of its own errors: here they are 400."""
    schema = FastAPI.openapi(app)
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    return schema
