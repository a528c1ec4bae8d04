"""Responses, streamed where they are large."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from spectraldb.api.middleware.head import is_head
from spectraldb.errors import StoppedError
from spectraldb.formats.ascii_text import to_ascii
from spectraldb.formats.json import MEDIA_TYPE
from spectraldb.formats.registry import Format
from spectraldb.results import ArraysResult
from spectraldb.service.retrieval import Retrieved

_UNSAFE = re.compile(r"[^ -~]|[\"\\%]")
"""Characters that a quoted file name in a header cannot have, or that clients misread."""

_NOT_PRINTABLE = re.compile(r"[^ -~]")

EXCLUDED_HEADER = "x-spectraldb-excluded"
"""The header of a search whose units exclude products, with the same note as `message`."""

MAX_UNSTREAMED = 500_000
"""Maximum number of values in JSON that is sent whole, which is faster than streaming."""

CHUNK_BYTES = 2**18
"""Minimum size of the chunks of a streamed response."""


def json_response(body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response of encoded JSON."""
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


def excluded_header(excluded: str) -> dict[str, str]:
    """Return the header that names the products that units exclude; none without such a note."""
    text = _NOT_PRINTABLE.sub(" ", to_ascii(excluded))
    return {EXCLUDED_HEADER: text} if text else {}


def stream(request: Request, chunks: Iterable[bytes], **options: Any) -> StreamingResponse:  # noqa: ANN401 - those of StreamingResponse
    """Return a response that is computed while it is sent; not computed for HEAD."""
    return StreamingResponse(() if is_head(request) else _until_cancelled(chunks), **options)


def attachment(file_name: str) -> dict[str, str]:
    """Return the header that makes browsers save the response as a file (RFC 6266).

    A name that is not a token of HTTP has two forms: transliterated to ASCII, for old clients, and
    whole in UTF-8 (RFC 8187).
    """
    plain = _UNSAFE.sub("_", to_ascii(file_name))
    header = f'attachment; filename="{plain}"'
    if plain != file_name:
        header += f"; filename*=UTF-8''{quote(file_name, safe='', errors='replace')}"
    return {"content-disposition": header}


def stream_product(request: Request, retrieved: Retrieved, form: Format) -> Response:
    """Return the response to a retrieval, which closes the FITS file once it is sent."""
    try:
        chunks = form.write_arrays(retrieved.answer)
    except BaseException:
        retrieved.product.close()
        raise
    if form.name == "json" and retrieved.answer.size <= MAX_UNSTREAMED:
        with retrieved:
            return json_response(b"".join(chunks))
    if is_head(request):
        retrieved.product.close()
    return stream_arrays(request, retrieved.answer, form, close_after(retrieved, chunks))


def stream_arrays(
    request: Request, answer: ArraysResult, form: Format, chunks: Iterator[bytes]
) -> Response:
    """Return the response with the chunks of a format as its body."""
    name = f"{PurePath(answer.file_name).stem}.{form.name}"
    headers = {} if form.name == "json" else attachment(name)
    return stream(request, chunks, media_type=form.media_type, headers=headers)


def close_after(retrieved: Retrieved, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks, and close the FITS file at the end, also if reading is abandoned."""
    with retrieved:
        yield from chunks


def coalesced(chunks: Iterable[bytes], size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield chunks joined to at least a size, except the last, because each one changes threads."""
    pending: list[bytes] = []
    n_bytes = 0
    for chunk in chunks:
        pending.append(chunk)
        n_bytes += len(chunk)
        if n_bytes >= size:
            yield b"".join(pending)
            pending, n_bytes = [], 0
    if pending:
        yield b"".join(pending)


def _until_cancelled(chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from coalesced(chunks)
    except StoppedError:
        return  # the client has disconnected and cannot receive an error


class ProductFileResponse(FileResponse):
    """A FITS file, read in chunks that hold most extracted spectra whole."""

    chunk_size = 2**20
