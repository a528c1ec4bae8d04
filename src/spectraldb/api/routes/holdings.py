"""The routes of columns, spectral lines and holdings."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from spectraldb.api.errors import ERRORS
from spectraldb.api.models import ColumnsModel, HoldingsModel, LinesModel
from spectraldb.api.requests import check_parameters
from spectraldb.api.responses import json_response
from spectraldb.formats.json import columns_json, holdings_json, lines_json
from spectraldb.service.service import Service


def holdings_router(service: Service) -> APIRouter:
    """Return the routes of columns, lines and holdings."""
    router = APIRouter(tags=["pixels"])

    @router.get("/search/columns", response_model=ColumnsModel, responses=ERRORS)
    def columns(request: Request) -> Response:
        """List all columns and operators of searches."""
        check_parameters(request)
        return json_response(columns_json())

    @router.get("/lines", response_model=LinesModel, responses=ERRORS)
    def lines(request: Request) -> Response:
        """List spectral lines and features, with rest wavelengths and sources."""
        check_parameters(request)
        return json_response(lines_json())

    @router.get("/holdings", response_model=HoldingsModel, responses=ERRORS)
    def holdings(request: Request) -> Response:
        """Count the products, spectra and pixels in the lake, in total and by product type."""
        check_parameters(request)
        return json_response(holdings_json(service.holdings()))

    return router
