"""The routes of the arrays, statistics and FITS file of a product."""

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from spectraldb.api.errors import ERRORS, FILE_ERRORS
from spectraldb.api.models import ArraysModel
from spectraldb.api.openapi import retrieval_description, retrieval_parameters
from spectraldb.api.requests import check_parameters, query_pairs, requested_format
from spectraldb.api.responses import (
    ProductFileResponse,
    attachment,
    json_response,
    stream_arrays,
    stream_product,
)
from spectraldb.fits.file import is_gzip
from spectraldb.formats.registry import ARRAY_FORMATS, FORMATS
from spectraldb.query.retrieval import NAMES, PARAMETERS, SPECTRUM, parse_retrieval
from spectraldb.service.service import Service


def retrieve_router(service: Service) -> APIRouter:
    """Return the routes of retrievals."""
    router = APIRouter(tags=["pixels"])
    _add_retrieve(router, service)
    _add_derived(router, service)

    @router.get(
        "/retrieve/file",
        response_class=FileResponse,
        responses=ERRORS | FILE_ERRORS,
        openapi_extra={"parameters": retrieval_parameters(NAMES)},
    )
    def file(request: Request) -> Response:
        """Download the FITS file of a product. Supports range requests."""
        check_parameters(request, *NAMES)
        retrieval = parse_retrieval(request.query_params.multi_items())
        path, name = service.file(retrieval.uri, retrieval.file_name)
        media_type = "application/gzip" if is_gzip(path) else "application/fits"
        return ProductFileResponse(path, media_type=media_type, headers=attachment(name))

    return router


def _add_retrieve(router: APIRouter, service: Service) -> None:
    @router.get(
        "/retrieve",
        response_model=ArraysModel,
        responses=ERRORS | FILE_ERRORS,
        description=retrieval_description(),
        openapi_extra={"parameters": retrieval_parameters(PARAMETERS, ARRAY_FORMATS)},
    )
    def retrieve(request: Request) -> Response:
        return _retrieve(service, request, None)

    @router.get("/retrieve.{suffix}", include_in_schema=False)
    def retrieve_as(request: Request, suffix: str) -> Response:
        return _retrieve(service, request, suffix)


def _add_derived(router: APIRouter, service: Service) -> None:
    @router.get(
        "/retrieve/derived",
        response_model=ArraysModel,
        responses=ERRORS,
        openapi_extra={"parameters": retrieval_parameters(NAMES | SPECTRUM, FORMATS)},
    )
    def derived(request: Request) -> Response:
        """Retrieve statistics of the spectra of a product: DER_SNR, ranges, counts."""
        return _derived(service, request, None)

    @router.get("/retrieve/derived.{suffix}", include_in_schema=False)
    def derived_as(request: Request, suffix: str) -> Response:
        return _derived(service, request, suffix)


def _retrieve(service: Service, request: Request, suffix: str | None) -> Response:
    form = requested_format(request, ARRAY_FORMATS, suffix)
    return stream_product(request, service.retrieve_request(query_pairs(request)), form)


def _derived(service: Service, request: Request, suffix: str | None) -> Response:
    check_parameters(request, *NAMES, *SPECTRUM, "format")
    form = requested_format(request, FORMATS, suffix)
    retrieval = parse_retrieval(query_pairs(request))
    answer = service.derived(retrieval.uri, retrieval.file_name, retrieval.cutout.spectrum)
    chunks = form.write_arrays(answer)
    if form.name == "json":
        return json_response(b"".join(chunks))
    return stream_arrays(request, answer, form, chunks)
