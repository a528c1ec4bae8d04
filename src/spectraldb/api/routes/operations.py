"""What whoever runs the server asks it: is it alive, is it ready, how much does it do."""

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client import REGISTRY as OWN
from starlette.responses import Response

from spectraldb.api.errors import check_parameters
from spectraldb.api.models import StateModel
from spectraldb.service.service import Service

THREADS = 4
"""Of those who ask for the state or for metrics, so many at once."""


def operations_router(service: Service, *, several: bool) -> APIRouter:
    """Return the routes; `several` processes put their metrics together."""
    router = APIRouter(tags=["operations"])
    # Threads of their own: these answer also while all others wait for a store.
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
        told = await to_thread.run_sync(_metrics, several, limiter=threads)
        return Response(told, media_type=CONTENT_TYPE_LATEST)

    return router


def _metrics(several: bool) -> bytes:
    registry = OWN
    if several:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
