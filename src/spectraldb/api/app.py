"""The application: routes, documentation, errors and middleware combined."""

from functools import partial

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from spectraldb import __version__
from spectraldb.api.errors import install_errors
from spectraldb.api.middleware.concurrency_limit import ConcurrencyLimitMiddleware
from spectraldb.api.middleware.disconnect import DisconnectMiddleware
from spectraldb.api.middleware.head import HeadMiddleware
from spectraldb.api.middleware.rate_limit import RateLimitMiddleware
from spectraldb.api.middleware.request_log import RequestLogMiddleware
from spectraldb.api.openapi import openapi_document
from spectraldb.api.routes.holdings import holdings_router
from spectraldb.api.routes.match import match_router
from spectraldb.api.routes.operations import operations_router
from spectraldb.api.routes.retrieve import retrieve_router
from spectraldb.api.routes.search import search_router
from spectraldb.page.routes import install_page
from spectraldb.service.service import Service
from spectraldb.settings import Settings

PREFIXES = ("/spectra/api/v0.1", "/viz/api/v0.1")
"""The paths of the API at the archive; both have the same routes."""


def create_app(service: Service) -> FastAPI:
    """Return the application of a service."""
    app = FastAPIOffline(
        title="Spectral DB",
        version=__version__,
        description="Search and retrieve the pixels of JWST level-3 spectra.",
        docs_url="/spectra/docs",
        redoc_url=None,
        openapi_url="/spectra/openapi.json",
        static_url="/spectra/static",
    )
    app.openapi = partial(openapi_document, app)  # type: ignore[method-assign]
    install_errors(app)
    paths = _add_routes(app, service)
    install_page(app)
    _add_middleware(app, service.settings, paths)
    return app


def _add_routes(app: FastAPI, service: Service) -> frozenset[str]:
    """Add the routes of the API, and return their paths."""
    paths = set()
    routers = [
        retrieve_router(service),
        search_router(service),
        holdings_router(service),
        match_router(service),
    ]
    for prefix in PREFIXES:
        for router in routers:
            app.include_router(router, prefix=prefix, include_in_schema=prefix == PREFIXES[0])
            paths |= {prefix + getattr(route, "path", "") for route in router.routes}
    operations = operations_router(service, multiple_processes=service.settings.processes > 1)
    app.include_router(operations)
    return frozenset(paths | {getattr(route, "path", "") for route in operations.routes})


def _add_middleware(app: FastAPI, settings: Settings, paths: frozenset[str]) -> None:
    """Add the middleware, innermost first, so that refused requests are also logged."""
    app.add_middleware(HeadMiddleware)
    app.add_middleware(DisconnectMiddleware)
    app.add_middleware(ConcurrencyLimitMiddleware, limit=settings.max_running)
    app.add_middleware(RateLimitMiddleware, per_minute=settings.max_per_minute)
    app.add_middleware(RequestLogMiddleware, paths=paths)
