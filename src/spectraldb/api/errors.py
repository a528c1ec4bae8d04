"""Error responses: every error, whatever raised it, is answered in the same form."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from spectraldb.api.models import ErrorAnswer
from spectraldb.errors import ClusterError, LakeError, SpectralDBError
from spectraldb.formats.json import MEDIA_TYPE, error_json

_log = logging.getLogger("spectraldb")

RETRY_SECONDS = 5
"""When to try again if the lake or the cluster did not answer."""

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


def error_response(status: int, message: str, retry_after: int | None = None) -> Response:
    """Return an error as every endpoint sends it.

    Parameters
    ----------
    status
        The HTTP status.
    message
        What is wrong, and what to do.
    retry_after
        In how many seconds the client may try again; None to say nothing of it.
    """
    headers = None if retry_after is None else {"retry-after": str(retry_after)}
    return Response(error_json(message), status, headers, MEDIA_TYPE)


def install_errors(app: FastAPI) -> None:
    """Make the application answer all errors in the same form."""
    app.add_exception_handler(SpectralDBError, _spectraldb_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected_error)


async def _spectraldb_error(_: Request, error: Exception) -> Response:
    if isinstance(error, LakeError):
        # The message has paths of the server: it is for its log.
        _log.error("%s", error)
        problem = (
            "the cluster that searches run on does not answer"
            if isinstance(error, ClusterError)
            else "the lake cannot be read now"
        )
        return error_response(error.status, f"{problem}; try again later", RETRY_SECONDS)
    return error_response(getattr(error, "status", 500), str(error))


async def _validation_error(_: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    message = "; ".join(f"{p['loc'][-1]}: {p['msg']}" for p in problems)
    return error_response(400, message or "the request cannot be understood")


async def _http_error(_: Request, error: Exception) -> Response:
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


async def _unexpected_error(request: Request, error: Exception) -> Response:
    _log.error("%s failed", request.url.path, exc_info=error)
    return error_response(500, "the server failed at this; its log tells more")
