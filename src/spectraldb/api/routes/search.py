"""The routes of searches."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from spectraldb.api.errors import ERRORS, check_parameters
from spectraldb.api.middleware.disconnect import client_gone
from spectraldb.api.middleware.head import streamed
from spectraldb.api.models import (
    ColumnsModel,
    CountModel,
    HoldingsModel,
    LinesModel,
    SearchModel,
    SqlModel,
)
from spectraldb.api.openapi import (
    product_parameters,
    products_description,
    search_description,
    search_parameters,
)
from spectraldb.formats.json import (
    MEDIA_TYPE,
    columns_json,
    count_json,
    holdings_json,
    lines_json,
    search_json,
    sql_json,
)
from spectraldb.formats.registry import FORMATS, choose
from spectraldb.service.service import Service


def search_router(service: Service) -> APIRouter:
    """Return the routes of searches, and of what there is to search."""
    router = APIRouter(tags=["pixels"])

    @router.get(
        "/search",
        response_model=SearchModel,
        responses=ERRORS,
        description=search_description(),
        openapi_extra={"parameters": search_parameters(service.settings)},
    )
    def search(request: Request) -> Response:
        return _search(service, request, None)

    @router.get("/search.{ending}", include_in_schema=False)
    def search_as(request: Request, ending: str) -> Response:
        return _search(service, request, ending)

    @router.get(
        "/search/products",
        response_model=SearchModel,
        responses=ERRORS,
        description=products_description(),
        openapi_extra={"parameters": product_parameters(service.settings)},
    )
    def products(request: Request) -> Response:
        return _search(service, request, None, products=True)

    @router.get("/search/products.{ending}", include_in_schema=False)
    def products_as(request: Request, ending: str) -> Response:
        return _search(service, request, ending, products=True)

    @router.get(
        "/search/count",
        response_model=CountModel,
        responses=ERRORS,
        openapi_extra={"parameters": search_parameters(service.settings)},
    )
    def count(request: Request) -> Response:
        """Count the pixels that match, and the products they are in: a search without results."""
        answer = service.count(request.query_params.multi_items(), client_gone(request))
        return Response(count_json(answer), media_type=MEDIA_TYPE)

    @router.get(
        "/search/sql",
        response_model=SqlModel,
        responses=ERRORS,
        openapi_extra={"parameters": search_parameters(service.settings)},
    )
    def sql(request: Request) -> Response:
        """Tell the SQL that a search would run, without running it."""
        return Response(
            sql_json(service.sql(request.query_params.multi_items())), media_type=MEDIA_TYPE
        )

    @router.get("/search/columns", response_model=ColumnsModel, responses=ERRORS)
    def columns(request: Request) -> Response:
        """List every column that a search can name, and every operator."""
        check_parameters(request)
        return Response(columns_json(), media_type=MEDIA_TYPE)

    @router.get("/lines", response_model=LinesModel, responses=ERRORS)
    def lines(request: Request) -> Response:
        """List spectral lines and features, each with its rest wavelength and its source."""
        check_parameters(request)
        return Response(lines_json(), media_type=MEDIA_TYPE)

    @router.get("/holdings", response_model=HoldingsModel, responses=ERRORS)
    def holdings(request: Request) -> Response:
        """Tell how many products, spectra and pixels there are, of each type and in all."""
        check_parameters(request)
        return Response(holdings_json(service.holdings()), media_type=MEDIA_TYPE)

    return router


def _search(
    service: Service, request: Request, ending: str | None, *, products: bool = False
) -> Response:
    search_page, search_stream = (
        (service.search_products, service.stream_products)
        if products
        else (service.search, service.stream)
    )
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "format"]
    form = choose(
        FORMATS, ending, request.query_params.get("format"), request.headers.get("accept")
    )
    if form.table is not None:
        result = search_stream(pairs, client_gone(request))
        name = f'attachment; filename="spectraldb.{form.name}"'
        headers = {"content-disposition": name, "x-spectraldb-version": str(result.version)}
        pieces = form.table(result)
        return streamed(request, pieces, media_type=form.media_type, headers=headers)
    page = search_page(pairs, client_gone(request))
    public_url = service.settings.public_url
    next_url = _next_url(request, page.after, public_url) if page.after else None
    return Response(search_json(page, next_url), media_type=MEDIA_TYPE)


def _next_url(request: Request, token: str, public_url: str) -> str:
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k not in ("after", "version")]
    query = urlencode([*pairs, ("after", token)])
    if public_url:
        return f"{public_url.rstrip('/')}{request.url.path}?{query}"
    return str(request.url.replace(query=query))
