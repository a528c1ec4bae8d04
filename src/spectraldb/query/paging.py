"""Page tokens, which are opaque to clients."""

import base64
import binascii
import json
import math

from spectraldb.errors import BadQueryError
from spectraldb.query.model import PageToken

INVALID_TOKEN = (
    "after: This is not a page token. Use the token of the previous page without changes."  # noqa: S105 - a message
)


def encode_token(token: PageToken) -> str:
    """Encode a page token as URL-safe text."""
    text = json.dumps([token.version, *token.keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_token(text: str) -> PageToken:
    """Decode a page token.

    Raises
    ------
    BadQueryError
        If the text is not a valid token.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) < 2 or not all(map(_is_value, values)):
        raise BadQueryError(INVALID_TOKEN)
    version, *keys = values
    if type(version) is not int or version < 0:
        raise BadQueryError(INVALID_TOKEN)
    return PageToken(version, tuple(keys))


def _is_value(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < 2**63
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str)
