"""The application: routes, documentation and errors put together."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi_offline import FastAPIOffline
from starlette.responses import Response

from spectraldb import __version__
from spectraldb.api.describe import (
    product_parameters,
    products_description,
    search_description,
    search_parameters,
)
from spectraldb.api.errors import install_errors
from spectraldb.api.gone import WatchClients, client_gone
from spectraldb.api.head import HeadAsGet, streamed, wants_head
from spectraldb.api.models import (
    ArraysModel,
    ColumnsModel,
    CountModel,
    ErrorAnswer,
    HoldingsModel,
    SearchModel,
)
from spectraldb.errors import BadQueryError
from spectraldb.formats.json import (
    MEDIA_TYPE,
    arrays_json,
    columns_json,
    count_json,
    holdings_json,
    search_json,
)
from spectraldb.formats.registry import choose
from spectraldb.page.routes import install_page
from spectraldb.retrieval import Retrieved
from spectraldb.service import Service

PREFIXES = ("/spectra/api/v0.1", "/viz/api/v0.1")
"""Where the archive has its API; both are the same."""

SENT_WHOLE = 500_000
"""Answers of up to so many values are sent in one piece, which is faster; others stream."""

_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorAnswer, "description": "The request is not understood."},
    404: {"model": ErrorAnswer, "description": "The lake does not hold it."},
    422: {
        "model": ErrorAnswer,
        "description": "The search needs more time or memory than allowed.",
    },
    500: {"model": ErrorAnswer, "description": "The server failed; its log tells more."},
    503: {"model": ErrorAnswer, "description": "The lake cannot be read now."},
}
_FILE_ERRORS: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "The file has changed since it was ingested."},
    410: {"model": ErrorAnswer, "description": "The file is no longer where it was ingested."},
}

Uri = Annotated[
    str | None,
    Query(description="URI of the product",
          examples=["mast:JWST/product/jw01039-o004_t001_miri_ch3-long_x1d.fits"]),
]  # fmt: skip
Filename = Annotated[
    str | None,
    Query(description="file name of the product, in place of `uri`",
          examples=["jw01039-o004_t001_miri_ch3-long_x1d.fits"]),
]  # fmt: skip
Spectrum = Annotated[
    int | None,
    Query(ge=0, description="only this spectrum of the product, counted from 0: an extraction, "
                            "an integration, a row of a 2-D spectrum, a spaxel (y * nx + x)"),
]  # fmt: skip


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
    app.add_middleware(HeadAsGet)
    app.add_middleware(WatchClients)
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign]
    router = _router(service)
    for prefix in PREFIXES:
        app.include_router(router, prefix=prefix, include_in_schema=prefix == PREFIXES[0])

    install_page(app)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return FastAPI's description without what it adds of its own errors: here they are 400."""
    schema = FastAPI.openapi(app)
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    return schema


def _router(service: Service) -> APIRouter:
    router = APIRouter(tags=["pixels"])

    @router.get("/retrieve", response_model=ArraysModel, responses=_ERRORS | _FILE_ERRORS)
    def retrieve(
        request: Request, uri: Uri = None, filename: Filename = None, spectrum: Spectrum = None
    ) -> Response:
        """Retrieve all pixel arrays of a product, in the file's own values, order and shape."""
        _check_parameters(request, "uri", "filename", "spectrum")
        return _send(request, service.retrieve(uri, filename, spectrum))

    @router.get("/retrieve/derived", response_model=ArraysModel, responses=_ERRORS)
    def derived(
        request: Request, uri: Uri = None, filename: Filename = None, spectrum: Spectrum = None
    ) -> Response:
        """Retrieve the derived figures of a product's spectra: DER_SNR, ranges, counts."""
        _check_parameters(request, "uri", "filename", "spectrum")
        answer = service.derived(uri, filename, spectrum)
        return Response(b"".join(arrays_json(answer)), media_type=MEDIA_TYPE)

    @router.get(
        "/search",
        response_model=SearchModel,
        responses=_ERRORS,
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
        responses=_ERRORS,
        description=products_description(),
        openapi_extra={"parameters": product_parameters(service.settings)},
    )
    def products(request: Request) -> Response:
        return _search(service, request, None, products=True)

    @router.get("/search/products.{ending}", include_in_schema=False)
    def products_as(request: Request, ending: str) -> Response:
        return _search(service, request, ending, products=True)

    @router.get("/search/count", response_model=CountModel, responses=_ERRORS,
                openapi_extra={"parameters": search_parameters(service.settings)})  # fmt: skip
    def count(request: Request) -> Response:
        """Count the pixels that match, and the products they are in: a search without results."""
        answer = service.count(request.query_params.multi_items(), client_gone(request))
        return Response(count_json(answer), media_type=MEDIA_TYPE)

    @router.get("/search/columns", response_model=ColumnsModel, responses=_ERRORS)
    def columns(request: Request) -> Response:
        """List every column that a search can name, and every operator."""
        _check_parameters(request)
        return Response(columns_json(), media_type=MEDIA_TYPE)

    @router.get("/holdings", response_model=HoldingsModel, responses=_ERRORS)
    def holdings(request: Request) -> Response:
        """Tell how many products, spectra and pixels there are, of each type and in all."""
        _check_parameters(request)
        return Response(holdings_json(service.holdings()), media_type=MEDIA_TYPE)

    return router


def _search(
    service: Service, request: Request, ending: str | None, *, products: bool = False
) -> Response:
    find, find_all = (
        (service.search_products, service.products_table)
        if products
        else (service.search, service.table)
    )
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "format"]
    form = choose(ending, request.query_params.get("format"), request.headers.get("accept"))
    if form.write is not None:
        answer = find_all(pairs, client_gone(request))
        name = f'attachment; filename="spectraldb.{form.name}"'
        headers = {"content-disposition": name, "x-spectraldb-version": str(answer.version)}
        pieces = form.write(answer)
        return streamed(request, pieces, media_type=form.media_type, headers=headers)
    page = find(pairs, client_gone(request))
    public_url = service.settings.public_url
    next_url = _next_url(request, page.after, public_url) if page.after else None
    return Response(search_json(page, next_url), media_type=MEDIA_TYPE)


def _check_parameters(request: Request, *known: str) -> None:
    for name in request.query_params:
        if name not in known:
            raise BadQueryError(
                f"there is no parameter {name!r} here; there are {', '.join(known) or 'none'}"
            )


def _next_url(request: Request, token: str, public_url: str) -> str:
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k not in ("after", "version")]
    query = urlencode([*pairs, ("after", token)])
    if public_url:
        return f"{public_url.rstrip('/')}{request.url.path}?{query}"
    return str(request.url.replace(query=query))


def _send(request: Request, retrieved: Retrieved) -> Response:
    if retrieved.answer.size <= SENT_WHOLE:
        with retrieved:
            return Response(b"".join(arrays_json(retrieved.answer)), media_type=MEDIA_TYPE)
    if wants_head(request):
        retrieved.product.close()
    return streamed(request, _pieces(retrieved), media_type=MEDIA_TYPE)


def _pieces(retrieved: Retrieved) -> Iterator[bytes]:
    with retrieved:
        yield from arrays_json(retrieved.answer)
