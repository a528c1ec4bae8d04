"""The routes that answer with the arrays and the file of one product."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from spectraldb.api.errors import ERRORS, FILE_ERRORS, check_parameters
from spectraldb.api.middleware.head import streamed, wants_head
from spectraldb.api.models import ArraysModel
from spectraldb.api.openapi import retrieval_description, retrieval_parameters
from spectraldb.formats.json import MEDIA_TYPE
from spectraldb.formats.registry import ARRAY_FORMATS, FORMATS, Format, choose
from spectraldb.query.retrieval import NAMES, PARAMETERS, SPECTRUM, parse_retrieval
from spectraldb.results import ArraysResult
from spectraldb.service.retrieval import Retrieved
from spectraldb.service.service import Service

SENT_WHOLE = 500_000
"""Answers of up to so many values are sent in one piece, which is faster; others stream."""


def retrieve_router(service: Service) -> APIRouter:
    """Return the routes of retrievals."""
    router = APIRouter(tags=["pixels"])

    @router.get(
        "/retrieve",
        response_model=ArraysModel,
        responses=ERRORS | FILE_ERRORS,
        description=retrieval_description(),
        openapi_extra={"parameters": retrieval_parameters(PARAMETERS, ARRAY_FORMATS)},
    )
    def retrieve(request: Request) -> Response:
        return _retrieve(service, request, None)

    @router.get("/retrieve.{ending}", include_in_schema=False)
    def retrieve_as(request: Request, ending: str) -> Response:
        return _retrieve(service, request, ending)

    @router.get(
        "/retrieve/derived",
        response_model=ArraysModel,
        responses=ERRORS,
        openapi_extra={"parameters": retrieval_parameters(NAMES | SPECTRUM, FORMATS)},
    )
    def derived(request: Request) -> Response:
        """Retrieve the derived figures of a product's spectra: DER_SNR, ranges, counts."""
        return _derived(service, request, None)

    @router.get("/retrieve/derived.{ending}", include_in_schema=False)
    def derived_as(request: Request, ending: str) -> Response:
        return _derived(service, request, ending)

    @router.get(
        "/retrieve/file",
        response_class=FileResponse,
        responses=ERRORS | FILE_ERRORS,
        openapi_extra={"parameters": retrieval_parameters(NAMES)},
    )
    def file(request: Request) -> Response:
        """Get the FITS file of a product, as it was ingested; parts of it by range requests."""
        check_parameters(request, *NAMES)
        asked = parse_retrieval(request.query_params.multi_items())
        path, name = service.file(asked.uri, asked.file_name)
        return FileResponse(path, media_type="application/fits", filename=name)

    return router


def _pairs(request: Request) -> list[tuple[str, str]]:
    return [(k, v) for k, v in request.query_params.multi_items() if k != "format"]


def _asked_format(request: Request, ending: str | None, known: Mapping[str, Format]) -> Format:
    words = request.query_params.get("format"), request.headers.get("accept")
    return choose(known, ending, *words)


def _retrieve(service: Service, request: Request, ending: str | None) -> Response:
    form = _asked_format(request, ending, ARRAY_FORMATS)
    retrieved = service.retrieve_request(_pairs(request))
    try:
        pieces = form.write_arrays(retrieved.answer)
    except BaseException:
        retrieved.product.close()
        raise
    if form.name == "json" and retrieved.answer.size <= SENT_WHOLE:
        with retrieved:
            return Response(b"".join(pieces), media_type=MEDIA_TYPE)
    if wants_head(request):
        retrieved.product.close()
    return _send(request, retrieved.answer, form, _closing(retrieved, pieces))


def _derived(service: Service, request: Request, ending: str | None) -> Response:
    check_parameters(request, *NAMES, *SPECTRUM, "format")
    form = _asked_format(request, ending, FORMATS)
    asked = parse_retrieval(_pairs(request))
    answer = service.derived(asked.uri, asked.file_name, asked.cutout.spectrum)
    if form.name == "json":
        return Response(b"".join(form.write_arrays(answer)), media_type=MEDIA_TYPE)
    return _send(request, answer, form, form.write_arrays(answer))


def _send(
    request: Request, answer: ArraysResult, form: Format, pieces: Iterator[bytes]
) -> Response:
    name = f"{PurePath(answer.file_name).stem}.{form.name}"
    attached = {"content-disposition": f'attachment; filename="{name}"'}
    headers = {} if form.name == "json" else attached
    return streamed(request, pieces, media_type=form.media_type, headers=headers)


def _closing(retrieved: Retrieved, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what is written, and close the product after it."""
    with retrieved:
        yield from pieces
