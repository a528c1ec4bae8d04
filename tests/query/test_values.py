"""Values in a request."""

import math

import pytest

from spectraldb.errors import BadQueryError
from spectraldb.query.parse import parse_pixels
from spectraldb.query.values import split
from spectraldb.settings import Settings


@pytest.mark.parametrize(
    ("text", "values"),
    [("a,b", ["a", "b"]), ('"a,b",c', ["a,b", "c"]), (" a , b ", ["a", "b"]), ("a", ["a"])],
)
def test_lists_of_values(text: str, values: list[str]) -> None:
    assert split(text) == values


def test_infinity_is_rejected() -> None:
    with pytest.raises(BadQueryError, match="finite"):
        parse_pixels([("flux", str(math.inf))], Settings())
