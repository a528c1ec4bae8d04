"""Conditions of the command line as parameters of a request."""

import pytest

from spectraldb.cli.parameters import request_pairs
from spectraldb.errors import BadQueryError


@pytest.mark.parametrize(
    ("condition", "pairs"),
    [
        ("wavelength=1.2,1.3", [("wavelength", "1.2,1.3")]),
        ("flux.gte = 10", [("flux.gte", " 10")]),
        ("targetName=A & B", [("targetName", "A & B")]),
        ("flux.gte=1&product=all", [("flux.gte", "1"), ("product", "all")]),
        ("http://host/search?flux.gte=3+mJy&limit=5", [("flux.gte", "3 mJy"), ("limit", "5")]),
    ],
)
def test_condition_query_or_url(condition: str, pairs: list[tuple[str, str]]) -> None:
    assert request_pairs([condition]) == pairs


def test_options_follow_the_conditions() -> None:
    assert request_pairs(["x=1"], limit=5, after=None) == [("x", "1"), ("limit", "5")]
    assert request_pairs(None) == []


def test_text_that_is_not_a_condition() -> None:
    with pytest.raises(BadQueryError, match="'flux' is not a condition"):
        request_pairs(["flux"])


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("flux>3", "flux.gt=3"),
        ("derSnr >= 5", "derSnr.gte=5"),
        ("program!=1128", "program.ne=1128"),
    ],
)
def test_comparison_with_a_sign(text: str, condition: str) -> None:
    with pytest.raises(BadQueryError) as error:
        request_pairs([text])
    assert str(error.value) == f"{text!r} is not a condition. Write {condition}."
