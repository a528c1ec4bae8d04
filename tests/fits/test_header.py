"""Tests of header parsing; values are compared with those that astropy reads."""

import io
import re
import warnings
from pathlib import Path

import pytest
from astropy.io import fits
from hypothesis import assume, given
from hypothesis import strategies as st

from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header, LazyHeader, read_header
from tests.support.product_files import ProductFile, for_files, path_of


@for_files()
def test_all_values_match_astropy(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    with FitsFile(path) as file, fits.open(path) as hdus:
        for ours, theirs in zip(file.hdus, hdus, strict=True):
            assert_values(ours.header, theirs.header)


def assert_values(ours: Header, header: fits.Header) -> None:
    for card in header.cards:
        if card.keyword in ("", "COMMENT", "HISTORY") or " " in card.keyword:
            continue
        value = header[card.keyword]
        expected = None if isinstance(value, fits.card.Undefined) else value
        assert ours[card.keyword] == expected, card.keyword
        assert type(ours[card.keyword]) is type(expected), card.keyword


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
)
def test_values_round_trip(value: str | float | bool) -> None:
    # astropy mistakes a quote before a slash for the end of a string.
    assume(not (isinstance(value, str) and re.search(r"' */", value)))
    header = fits.Header()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about values that astropy truncates
        header["KEY"] = value
        text = header.tostring()
        expected = fits.Header.fromstring(text)["KEY"]
    assert LazyHeader(text)["KEY"] == expected


def card(text: str) -> str:
    return f"{text:80}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'JWST    '           / telescope", "JWST"),
        ("'O''BRIEN'", "O'BRIEN"),
        ("'a / b'  / a slash in a string", "a / b"),
        ("''", ""),
        ("                   T / true", True),
        ("                   F", False),
        ("                  12 / an integer", 12),
        ("              1.5D-3", 1.5e-3),
        ("              1.5E+3", 1.5e3),
        ("                     / undefined", None),
        ("(1, 2)", "(1, 2)"),
    ],
)
def test_values_of_each_type(value: str, expected: object) -> None:
    found = LazyHeader(card(f"KEY     = {value}"))["KEY"]
    assert (found, type(found)) == (expected, type(expected))


def test_first_of_repeated_keywords_is_used() -> None:
    header = LazyHeader(card("A       = 1") + card("A       = 2") + card("B       = 3"))
    assert dict(header) == {"A": 1, "B": 3}
    assert len(header) == 2


def test_cards_without_a_value_are_omitted() -> None:
    text = card("COMMENT no value") + card("HISTORY = none") + card("") + card("END")
    assert "COMMENT" not in LazyHeader(text + card("AFTER   = 1"))
    assert "AFTER" not in LazyHeader(text + card("AFTER   = 1"))


def test_continued_strings() -> None:
    text = card("KEY     = 'one &'") + card("CONTINUE  'two &'") + card("CONTINUE  'three' / end")
    assert LazyHeader(text)["KEY"] == "one two three"
    assert LazyHeader(card("KEY     = 'a'") + card("CONTINUE  'b'"))["KEY"] == "a"


def test_header_in_a_file() -> None:
    blocks = card("SIMPLE  =                    T") + card("END")
    file = io.BytesIO(f"{blocks:2880}".encode() + b"special records")
    header = read_header(file, 0)
    assert header is not None
    assert header["SIMPLE"] is True
    assert len(header.text) == 2880
    assert read_header(file, 2880) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"SIMPLE", "not a FITS file"),
        (b"SIMPLE  =                    T", "a header is incomplete"),
        (b"SIMPLE  =" + b" " * (2880 - 9), "a header is incomplete"),
    ],
)
def test_broken_headers_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        read_header(io.BytesIO(content), 0)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_texts_that_are_not_ascii(encoding: str) -> None:
    text = "TARGNAME= 'Größe é'".encode(encoding)
    cards = [b"SIMPLE  =                    T", text, b"BITPIX  =                    8", b"END"]
    block = b"".join(card.ljust(80) for card in cards).ljust(2880)
    header = read_header(io.BytesIO(block), 0)
    assert header is not None
    assert header["TARGNAME"] == "Größe é"
    assert header["BITPIX"] == 8
    assert len(header.text) == 2880
