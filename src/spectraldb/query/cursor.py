"""The token of a next page: opaque to those who follow it."""

import base64
import binascii
import json

from spectraldb.errors import BadQueryError
from spectraldb.query.query import Cursor


def encode(cursor: Cursor) -> str:
    """Return the token of a cursor."""
    numbers = [cursor.version, cursor.product_id, cursor.spectrum, cursor.pixel]
    return base64.urlsafe_b64encode(json.dumps(numbers).encode()).decode().rstrip("=")


def decode(token: str) -> Cursor:
    """Return the cursor of a token.

    Raises
    ------
    BadQueryError
        If it is not one that `encode` made.
    """
    try:
        numbers = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        numbers = None
    is_token = isinstance(numbers, list) and len(numbers) == 4
    if not is_token or not all(type(n) is int and 0 <= n < 2**63 for n in numbers):
        raise BadQueryError(
            "after: this is not the token of a page; follow the URL in `next` as it is"
        )
    return Cursor(*numbers)
