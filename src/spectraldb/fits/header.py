"""FITS headers, parsed lazily.

Headers of JWST products have 500 cards or more, of which a retrieval needs a dozen.  Building an
astropy Header takes longer than reading and sending the pixels.  The parser follows the FITS
standard 4.0, section 4 (https://fits.gsfc.nasa.gov/fits_standard.html).
"""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from spectraldb.errors import RefusedError

Value = str | int | float | bool | None
"""Value of a card; None if it is undefined."""

Header = Mapping[str, Value]
"""Values by keyword."""

BLOCK_SIZE = 2880
CARD_LENGTH = 80
_STRING = re.compile(r"\s*'((?:[^']|'')*)'")


class LazyHeader(Mapping[str, Value]):
    """Keywords and values of a header; each value is parsed when it is first used.

    If a keyword is repeated, the first card is used.  COMMENT, HISTORY, HIERARCH and blank cards
    are omitted.  Long strings are joined (CONTINUE, section 4.2.1.2).  Not thread-safe.

    Parameters
    ----------
    text
        The cards, concatenated.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._fields: dict[str, list[str]] = {}
        self._values: dict[str, Value] = {}
        fields: list[str] = []
        for start in range(0, len(text), CARD_LENGTH):
            keyword = text[start : start + 8].rstrip()
            if keyword == "END":
                break
            if text[start + 8 : start + 10] == "= ":
                fields = [text[start + 10 : start + CARD_LENGTH]]
                self._fields.setdefault(keyword, fields)
            elif keyword == "CONTINUE":
                fields.append(text[start + 8 : start + CARD_LENGTH])

    def __getitem__(self, keyword: str) -> Value:
        if keyword not in self._values:
            self._values[keyword] = _parse_fields(self._fields[keyword])
        return self._values[keyword]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def read_header(file: BinaryIO, start: int) -> LazyHeader | None:
    """Return the header at a position in a file, or None after the last extension.

    Parameters
    ----------
    file
        A binary file, open for reading.
    start
        Position of the header in bytes; the primary header is at 0.

    Raises
    ------
    RefusedError
        If the file does not start with a FITS header, or the header is truncated.
    """
    file.seek(start)
    blocks: list[str] = []
    while True:
        block = file.read(BLOCK_SIZE)
        if not blocks and not block.startswith(b"SIMPLE  =" if start == 0 else b"XTENSION="):
            if start == 0:
                raise RefusedError("The file is not a FITS file.")
            return None  # the standard allows special records after the last extension
        if len(block) < BLOCK_SIZE:
            raise RefusedError("The file is truncated: a header is incomplete.")
        # One character for each byte, so that cards stay aligned; texts are decoded when parsed.
        blocks.append(block.decode("latin-1"))
        if _has_end(blocks[-1]):
            return LazyHeader("".join(blocks))


def _has_end(block: str) -> bool:
    cards = (block[i : i + CARD_LENGTH] for i in range(0, len(block), CARD_LENGTH))
    return any(card.rstrip() == "END" for card in cards)


def _parse_fields(fields: list[str]) -> Value:
    """Return the value of a card, joined with the values of its CONTINUE cards."""
    value = _parse_value(fields[0])
    for field in fields[1:]:
        match = _STRING.match(field)
        if isinstance(value, str) and value.endswith("&") and match:
            value = value[:-1] + _unquote(match)
    return value


def _parse_value(field: str) -> Value:
    match = _STRING.match(field)
    if match:
        return _unquote(match)
    text = field.split("/", 1)[0].strip()
    if text in ("T", "F"):
        return text == "T"
    return _parse_number(text) if text else None


def _unquote(match: re.Match[str]) -> str:
    # Trailing blanks of a string are not significant (section 4.2.1.1).
    return _decoded(match[1].replace("''", "'").rstrip())


def _decoded(text: str) -> str:
    """Return a text that is UTF-8 as such; the standard allows only ASCII, but teams write both."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


def _parse_number(text: str) -> Value:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text.upper().replace("D", "E"))
    except ValueError:
        return text
