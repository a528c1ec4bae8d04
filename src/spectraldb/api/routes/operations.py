"""The routes for operators of the server: health, readiness, metrics."""

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from spectraldb.api.metrics import render_metrics
from spectraldb.api.models import StateModel
from spectraldb.api.requests import check_parameters
from spectraldb.service.service import Service

THREADS = 4
"""The number of threads that answer these routes."""


def operations_router(service: Service, *, multiple_processes: bool) -> APIRouter:
    """Return the routes; metrics are the sums of all processes if there are several."""
    router = APIRouter(tags=["operations"])
    # Threads of their own: these routes answer even while all others wait for a store.
    threads = CapacityLimiter(THREADS)

    @router.get("/health")
    async def health(request: Request) -> StateModel:
        """Tell that the process is alive: it answers."""
        check_parameters(request)
        return StateModel(message="alive")

    @router.get("/ready", responses={503: {"description": "Searches cannot be answered now."}})
    async def ready(request: Request) -> StateModel:
        """Tell that the lake can be read, and the cluster searched: searches will be answered."""
        check_parameters(request)
        version = await to_thread.run_sync(service.ready, limiter=threads)
        return StateModel(message=f"ready, with version {version} of the lake")

    @router.get("/metrics", response_class=Response)
    async def metrics(request: Request) -> Response:
        """Tell how many requests there were, how long they took, in the format of Prometheus."""
        check_parameters(request)
        text = await to_thread.run_sync(
            lambda: render_metrics(multiple_processes=multiple_processes), limiter=threads
        )
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return router
