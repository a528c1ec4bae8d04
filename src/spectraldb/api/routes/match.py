"""The route that matches many positions at once."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from spectraldb.api.errors import ERRORS, check_parameters
from spectraldb.api.middleware.disconnect import client_gone
from spectraldb.api.middleware.head import streamed
from spectraldb.api.models import MatchModel, SearchModel
from spectraldb.formats.json import MEDIA_TYPE, search_json
from spectraldb.formats.registry import FORMATS, choose
from spectraldb.query.match import parse_match
from spectraldb.results import whole_table
from spectraldb.service.service import Service


def match_router(service: Service) -> APIRouter:
    """Return the route of matches."""
    router = APIRouter(tags=["pixels"])

    @router.post("/match", response_model=SearchModel, responses=ERRORS)
    def match(request: Request, body: MatchModel) -> Response:
        """Find for each of many positions the products around it, or their spectra."""
        return _match(service, request, body, None)

    @router.post("/match.{ending}", include_in_schema=False)
    def match_as(request: Request, body: MatchModel, ending: str) -> Response:
        return _match(service, request, body, ending)

    return router


def _match(service: Service, request: Request, body: MatchModel, ending: str | None) -> Response:
    check_parameters(request)
    form = choose(FORMATS, ending, None, request.headers.get("accept"))
    answer = service.match(parse_match(body.model_dump(exclude_unset=True)), client_gone(request))
    if form.table is None:
        return Response(search_json(answer, None), media_type=MEDIA_TYPE)
    pieces = form.table(whole_table(answer, "MATCHES"))
    return streamed(request, pieces, media_type=form.media_type)
