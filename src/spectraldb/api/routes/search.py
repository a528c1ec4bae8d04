"""The routes of searches: pixels, products, counts, SQL."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from spectraldb.api.errors import ERRORS
from spectraldb.api.middleware.disconnect import cancel_on_disconnect
from spectraldb.api.models import CountModel, SearchModel, SqlModel
from spectraldb.api.openapi import (
    product_parameters,
    products_description,
    search_description,
    search_parameters,
)
from spectraldb.api.requests import next_page_url, query_pairs, requested_format
from spectraldb.api.responses import attachment, excluded_header, json_response, stream
from spectraldb.cancellation import Cancellation
from spectraldb.formats.json import count_json, search_json, sql_json
from spectraldb.formats.registry import FORMATS
from spectraldb.results import SearchPage, TableStream
from spectraldb.service.service import Service

Pairs = list[tuple[str, str]]
FindPage = Callable[[Pairs, Cancellation], SearchPage]
FindAll = Callable[[Pairs, Cancellation], TableStream]


def search_router(service: Service) -> APIRouter:
    """Return the routes of searches."""
    router = APIRouter(tags=["pixels"])
    parameters = {"parameters": search_parameters(service.settings)}
    _add_pixel_search(router, service)
    _add_product_search(router, service)

    @router.get(
        "/search/count", response_model=CountModel, responses=ERRORS, openapi_extra=parameters
    )
    def count(request: Request) -> Response:
        """Count the matching pixels and their products, without returning them."""
        pairs = request.query_params.multi_items()
        result = service.count(pairs, cancel_on_disconnect(request))
        return json_response(count_json(result), excluded_header(result.excluded))

    @router.get("/search/sql", response_model=SqlModel, responses=ERRORS, openapi_extra=parameters)
    def sql(request: Request) -> Response:
        """Return the SQL of a search without running it."""
        result = service.sql(request.query_params.multi_items())
        return json_response(sql_json(result), excluded_header(result.excluded))

    return router


def _add_pixel_search(router: APIRouter, service: Service) -> None:
    @router.get(
        "/search",
        response_model=SearchModel,
        responses=ERRORS,
        description=search_description(),
        openapi_extra={"parameters": search_parameters(service.settings)},
    )
    def search(request: Request) -> Response:
        return _search(service, request, None, service.search, service.stream)

    @router.get("/search.{suffix}", include_in_schema=False)
    def search_as(request: Request, suffix: str) -> Response:
        return _search(service, request, suffix, service.search, service.stream)


def _add_product_search(router: APIRouter, service: Service) -> None:
    @router.get(
        "/search/products",
        response_model=SearchModel,
        responses=ERRORS,
        description=products_description(),
        openapi_extra={"parameters": product_parameters(service.settings)},
    )
    def products(request: Request) -> Response:
        return _search(service, request, None, service.search_products, service.stream_products)

    @router.get("/search/products.{suffix}", include_in_schema=False)
    def products_as(request: Request, suffix: str) -> Response:
        return _search(service, request, suffix, service.search_products, service.stream_products)


def _search(
    service: Service, request: Request, suffix: str | None, find_page: FindPage, find_all: FindAll
) -> Response:
    """Return a page of results as JSON, or all results in another format."""
    form = requested_format(request, FORMATS, suffix)
    pairs, cancel = query_pairs(request), cancel_on_disconnect(request)
    if form.table is None:
        page = find_page(pairs, cancel)
        next_url = next_page_url(request, page.after, service.settings.public_url)
        return json_response(search_json(page, next_url), excluded_header(page.excluded))
    table = find_all(pairs, cancel)
    headers = attachment(f"spectraldb.{form.name}") | {"x-spectraldb-version": str(table.version)}
    headers |= excluded_header(table.excluded)
    return stream(request, form.table(table), media_type=form.media_type, headers=headers)
