"""Every error, whatever raised it, leaves in one shape."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from spectraldb.api.models import ErrorAnswer
from spectraldb.errors import BadQueryError, ClusterError, LakeError, SpectralDBError
from spectraldb.formats.json import MEDIA_TYPE, error_json

_log = logging.getLogger("spectraldb")

RETRY_SECONDS = 5
"""When to ask again where the lake or the cluster did not answer."""

_HTTP_MESSAGES = {
    404: "there is no such page; /spectra/docs lists those there are",
}

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorAnswer, "description": "The request is not understood."},
    404: {"model": ErrorAnswer, "description": "The lake does not hold it."},
    422: {
        "model": ErrorAnswer,
        "description": "The search needs more time or memory than allowed.",
    },
    500: {"model": ErrorAnswer, "description": "The server failed; its log tells more."},
    503: {
        "model": ErrorAnswer,
        "description": "The lake cannot be read now, the cluster does not answer, or the server is "
        "busy; Retry-After says when to ask again.",
    },
}
FILE_ERRORS: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "The file has changed since it was ingested."},
    410: {"model": ErrorAnswer, "description": "The file is no longer where it was ingested."},
}


def error_response(status: int, message: str, wait: int | None = None) -> Response:
    """Return an error as every endpoint sends it; `wait` says in how many seconds to ask again."""
    headers = None if wait is None else {"retry-after": str(wait)}
    return Response(error_json(message), status, headers, MEDIA_TYPE)


def install_errors(app: FastAPI) -> None:
    """Make the application answer all errors in the one shape."""
    app.add_exception_handler(SpectralDBError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _known(_: Request, error: Exception) -> Response:
    if isinstance(error, LakeError):
        _log.error("%s", error)
        what = (
            "the cluster that searches run on does not answer"
            if isinstance(error, ClusterError)
            else "the lake cannot be read now"
        )
        return error_response(error.status, f"{what}; try again later", RETRY_SECONDS)
    return error_response(getattr(error, "status", 500), str(error))


async def _invalid(_: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    told = "; ".join(f"{p['loc'][-1]}: {p['msg']}" for p in problems)
    return error_response(400, told or "the request cannot be understood")


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is installed for these
    message = _HTTP_MESSAGES.get(error.status_code, error.detail)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        method = headers.get("Allow", "GET")
        message = f"this endpoint is asked with {method}"
        headers["Allow"] = "GET, HEAD" if method == "GET" else method
    response = error_response(error.status_code, message)
    response.headers.update(headers)
    return response


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("%s failed", request.url.path, exc_info=error)
    return error_response(500, "the server failed at this; its log tells more")


def check_parameters(request: Request, *known: str) -> None:
    """Raise BadQueryError if a request has a parameter that is not known."""
    for name in request.query_params:
        if name not in known:
            raise BadQueryError(
                f"there is no parameter {name!r} here; there are {', '.join(known) or 'none'}"
            )
