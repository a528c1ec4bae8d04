"""The route that matches many positions at once."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from spectraldb.api.errors import ERRORS
from spectraldb.api.middleware.disconnect import cancel_on_disconnect
from spectraldb.api.models import MatchModel, SearchModel
from spectraldb.api.requests import check_parameters, requested_format
from spectraldb.api.responses import json_response, stream
from spectraldb.formats.json import search_json
from spectraldb.formats.registry import FORMATS
from spectraldb.query.match import parse_match
from spectraldb.results import whole_table
from spectraldb.service.service import Service


def match_router(service: Service) -> APIRouter:
    """Return the route of matches."""
    router = APIRouter(tags=["pixels"])

    @router.post("/match", response_model=SearchModel, responses=ERRORS)
    def match(request: Request, body: MatchModel) -> Response:
        """Find the products, or their spectra, around each position of a list."""
        return _match(service, request, body, None)

    @router.post("/match.{suffix}", include_in_schema=False)
    def match_as(request: Request, body: MatchModel, suffix: str) -> Response:
        return _match(service, request, body, suffix)

    return router


def _match(service: Service, request: Request, body: MatchModel, suffix: str | None) -> Response:
    check_parameters(request)
    form = requested_format(request, FORMATS, suffix)
    match = parse_match(body.model_dump(exclude_unset=True))
    page = service.match(match, cancel_on_disconnect(request))
    if form.table is None:
        return json_response(search_json(page, None))
    chunks = form.table(whole_table(page, "MATCHES"))
    return stream(request, chunks, media_type=form.media_type)
