"""Transliteration of text to ASCII."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.formats.ascii_text import GROWTH, to_ascii


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NGC 7469", "NGC 7469"),
        ("\u03b1 Cen", "a Cen"),
        ("Étoile ß", "Etoile ss"),
        ("Жук", "Zhuk"),
        ("星", "Xing"),
        ("\u00bd", "1/2"),
        ("\U0001f52d", "?"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert to_ascii(text) == expected


@given(text=st.text())
def test_result_is_ascii_and_not_too_long(text: str) -> None:
    latin = to_ascii(text)
    assert latin.isascii()
    assert len(latin) <= GROWTH * len(text.encode())
    assert bool(latin) == bool(text)
