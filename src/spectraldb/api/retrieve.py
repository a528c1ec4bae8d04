"""The routes that answer with the arrays and the file of one product."""

from collections.abc import Callable, Iterator
from pathlib import PurePath

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from spectraldb.api.describe import retrieval_description, retrieval_parameters
from spectraldb.api.errors import ERRORS, FILE_ERRORS, check_parameters
from spectraldb.api.head import streamed, wants_head
from spectraldb.api.models import ArraysModel
from spectraldb.formats.answers import ArraysAnswer
from spectraldb.formats.json import MEDIA_TYPE, arrays_json
from spectraldb.formats.pixels import pixel_table
from spectraldb.formats.registry import Format, choose
from spectraldb.query.cutout import NAMES, PARAMETERS, SPECTRUM, parse_retrieval
from spectraldb.retrieval import Retrieved
from spectraldb.service import Service

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
        openapi_extra={"parameters": retrieval_parameters(PARAMETERS, formats=True)},
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
        openapi_extra={"parameters": retrieval_parameters(NAMES | SPECTRUM, formats=True)},
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


def _asked_format(request: Request, ending: str | None) -> Format:
    return choose(ending, request.query_params.get("format"), request.headers.get("accept"))


def _pairs(request: Request) -> list[tuple[str, str]]:
    return [(k, v) for k, v in request.query_params.multi_items() if k != "format"]


def _retrieve(service: Service, request: Request, ending: str | None) -> Response:
    form = _asked_format(request, ending)
    retrieved = service.retrieve_asked(_pairs(request))
    if form.write is None:
        return _send_json(request, retrieved)
    try:
        return _send_table(request, retrieved.answer, form, retrieved)
    except BaseException:
        retrieved.product.close()
        raise


def _derived(service: Service, request: Request, ending: str | None) -> Response:
    check_parameters(request, *NAMES, *SPECTRUM, "format")
    form = _asked_format(request, ending)
    asked = parse_retrieval(_pairs(request))
    answer = service.derived(asked.uri, asked.file_name, asked.cutout.spectrum)
    if form.write is None:
        return Response(b"".join(arrays_json(answer)), media_type=MEDIA_TYPE)
    return _send_table(request, answer, form)


def _send_table(
    request: Request, answer: ArraysAnswer, form: Format, retrieved: Retrieved | None = None
) -> Response:
    table = pixel_table(answer)
    name = f"{PurePath(answer.file_name).stem}.{form.name}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    write = form.write
    assert write is not None  # noqa: S101 - JSON is sent otherwise
    if retrieved is not None and wants_head(request):
        retrieved.product.close()
    pieces = _closing(retrieved, lambda: write(table))
    return streamed(request, pieces, media_type=form.media_type, headers=headers)


def _send_json(request: Request, retrieved: Retrieved) -> Response:
    if retrieved.answer.size <= SENT_WHOLE:
        with retrieved:
            return Response(b"".join(arrays_json(retrieved.answer)), media_type=MEDIA_TYPE)
    if wants_head(request):
        retrieved.product.close()
    pieces = _closing(retrieved, lambda: arrays_json(retrieved.answer))
    return streamed(request, pieces, media_type=MEDIA_TYPE)


def _closing(retrieved: Retrieved | None, write: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """Yield what is written, and close the product after it."""
    if retrieved is None:
        yield from write()
        return
    with retrieved:
        yield from write()
