"""The parts of a request that handlers read: parameters, format of the response, address."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import Request

from spectraldb.errors import BadQueryError
from spectraldb.formats.registry import Format, choose


def check_parameters(request: Request, *allowed: str) -> None:
    """Raise BadQueryError if a request has a parameter that is not allowed."""
    for name in request.query_params:
        if name not in allowed:
            raise BadQueryError(
                f"Unknown parameter {name!r}. Parameters: {', '.join(allowed) or 'none'}."
            )


def query_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of a request, without `format`."""
    return [pair for pair in request.query_params.multi_items() if pair[0] != "format"]


def requested_format(request: Request, formats: Mapping[str, Format], suffix: str | None) -> Format:
    """Return the format of the response.

    Parameters
    ----------
    request
        Its parameter `format` and its header Accept select a format.
    formats
        The formats of the endpoint by name.
    suffix
        The suffix of the path, which also selects a format; None if there is none.

    Raises
    ------
    BadQueryError
        If the format is unknown, or suffix and `format` differ.
    """
    by_name, by_type = request.query_params.get("format"), request.headers.get("accept")
    return choose(formats, suffix, by_name, by_type)


def next_page_url(request: Request, token: str | None, public_url: str) -> str | None:
    """Return the URL of the next page; None if there is none.

    Parameters
    ----------
    request
        The request for this page.
    token
        The token of the next page; None if this page is the last.
    public_url
        The address of the server for its clients, if it is behind a proxy.
    """
    if not token:
        return None
    items = request.query_params.multi_items()
    pairs = [(name, value) for name, value in items if name not in ("after", "version")]
    query = urlencode([*pairs, ("after", token)])
    if public_url:
        return f"{public_url.rstrip('/')}{request.url.path}?{query}"
    return str(request.url.replace(query=query))
