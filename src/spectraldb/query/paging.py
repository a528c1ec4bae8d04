"""The token of a next page: opaque to those who follow it."""

import base64
import binascii
import json
import math

from spectraldb.errors import BadQueryError
from spectraldb.query.model import Cursor


def encode(cursor: Cursor) -> str:
    """Return the token of a cursor."""
    text = json.dumps([cursor.version, *cursor.place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(token: str) -> Cursor:
    """Return the cursor of a token.

    Raises
    ------
    BadQueryError
        If it is not one that `encode` made.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) < 2 or not all(map(_is_value, values)):
        raise BadQueryError(WRONG)
    version, *place = values
    if type(version) is not int or version < 0:
        raise BadQueryError(WRONG)
    return Cursor(version, tuple(place))


WRONG = "after: this is not the token of a page; follow the URL in `next` as it is"


def _is_value(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < 2**63
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str)
