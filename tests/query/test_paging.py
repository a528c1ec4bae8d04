"""Page tokens: encoded tokens can be decoded, and other texts are rejected."""

import base64
import contextlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import BadQueryError
from spectraldb.query.model import PageToken
from spectraldb.query.paging import decode_token, encode_token

VERSIONS = st.integers(0, 2**63 - 1)
LONG = st.integers(-(2**63) + 1, 2**63 - 1)
KEYS = LONG | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.none()


@given(VERSIONS, st.lists(KEYS, min_size=1))
def test_token_round_trip(version: int, keys: list[float | str | None]) -> None:
    token = PageToken(version, tuple(keys))
    text = encode_token(token)
    assert decode_token(text) == token
    assert re.fullmatch(r"[\w-]+", text, re.ASCII)  # safe in a URL without escaping


@given(st.text())
def test_any_text_is_a_token_or_a_clear_error(text: str) -> None:
    with contextlib.suppress(BadQueryError):
        assert isinstance(decode_token(text), PageToken)


@pytest.mark.parametrize(
    "values",
    [
        {},
        [],
        [1],
        [-1, 2],
        [1.0, 2],
        [True, 2],
        ["1", 2],
        [1, [2]],
        [1, 2**63],
        [1, float("inf")],
        [1, float("nan")],
    ],
)
def test_other_json_is_rejected(values: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    with pytest.raises(BadQueryError, match="This is not a page token"):
        decode_token(text)
