"""The routes for monitoring: health, readiness, metrics."""

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from spectraldb.api.metrics import render_metrics
from spectraldb.api.models import StateModel
from spectraldb.api.requests import check_parameters
from spectraldb.service.service import Service

THREADS = 4
"""Number of threads for these routes."""


def operations_router(service: Service, *, multiple_processes: bool) -> APIRouter:
    """Return the routes; metrics are sums over all server processes."""
    router = APIRouter(tags=["operations"])
    # A separate pool: these routes respond even while all other threads wait for a store.
    threads = CapacityLimiter(THREADS)

    @router.get("/health")
    async def health(request: Request) -> StateModel:
        """Check that the server is alive."""
        check_parameters(request)
        return StateModel(message="The server is alive.")

    @router.get("/ready", responses={503: {"description": "Searches are unavailable."}})
    async def ready(request: Request) -> StateModel:
        """Check that the server is ready: that it can read the lake and reach the cluster."""
        check_parameters(request)
        version = await to_thread.run_sync(service.ready, limiter=threads)
        return StateModel(message=f"The server is ready, with version {version} of the lake.")

    @router.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        """Return the number and duration of requests, in the format of Prometheus."""
        check_parameters(request)
        text = await to_thread.run_sync(
            lambda: render_metrics(multiple_processes=multiple_processes), limiter=threads
        )
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return router
