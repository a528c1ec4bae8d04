"""Error responses: all errors have the same form."""

import logging
from collections.abc import Mapping
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
"""Retry-After if the lake or the cluster did not respond."""

_HTTP_MESSAGES = {
    404: "No such page. All endpoints are listed at /spectra/docs.",
}

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorAnswer, "description": "The request is invalid."},
    404: {"model": ErrorAnswer, "description": "Not in the lake."},
    422: {
        "model": ErrorAnswer,
        "description": "The search needs more time or memory than allowed.",
    },
    500: {"model": ErrorAnswer, "description": "The server failed. Its log has the details."},
    503: {
        "model": ErrorAnswer,
        "description": "The lake cannot be read, the cluster does not respond, or the server is "
        "busy. Retry-After is the time to wait.",
    },
}
FILE_ERRORS: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "The file has changed since it was ingested."},
    410: {"model": ErrorAnswer, "description": "The file was moved or deleted."},
}


def error_response(status: int, message: str, retry_after: int | None = None) -> Response:
    """Return an error response.

    Parameters
    ----------
    status
        The HTTP status.
    message
        What is wrong, and what to do.
    retry_after
        Seconds after which the client may retry; None to omit the header.
    """
    headers = None if retry_after is None else {"retry-after": str(retry_after)}
    return Response(error_json(message), status, headers, MEDIA_TYPE)


def install_errors(app: FastAPI) -> None:
    """Install the handlers of all exceptions in the application."""
    app.add_exception_handler(SpectralDBError, _spectraldb_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected_error)


async def _spectraldb_error(_: Request, error: Exception) -> Response:
    if isinstance(error, LakeError):
        # The message contains paths of the server, so it goes to the log only.
        _log.error("%s", error)
        problem = (
            "The cluster does not respond."
            if isinstance(error, ClusterError)
            else "The lake cannot be read."
        )
        return error_response(error.status, f"{problem} Try again later.", RETRY_SECONDS)
    return error_response(getattr(error, "status", 500), str(error))


async def _validation_error(_: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    message = " ".join(map(_problem, problems))
    return error_response(400, message or "The request is invalid.")


def _problem(problem: Mapping[str, Any]) -> str:
    """Return the message for a problem that pydantic found in the body of a request."""
    kind, where = problem["type"], problem["loc"]
    if kind == "json_invalid":
        return "The body is not valid JSON."
    if where == ("body",):
        return "The body must be a JSON object, with the header `Content-Type: application/json`."
    name = ".".join(map(str, where[1:]))
    return f"{name}: The value is missing." if kind == "missing" else f"{name}: {problem['msg']}."


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is installed for these
    message = _HTTP_MESSAGES.get(error.status_code, error.detail)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        method = headers.get("Allow", "GET")
        message = f"Method not allowed. This endpoint accepts {method}."
        headers["Allow"] = "GET, HEAD" if method == "GET" else method
    response = error_response(error.status_code, message)
    response.headers.update(headers)
    return response


async def _unexpected_error(request: Request, error: Exception) -> Response:
    _log.error("%s failed", request.url.path, exc_info=error)
    return error_response(500, "The server failed to answer this request. Its log has the details.")
