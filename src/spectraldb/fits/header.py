"""The cards of a FITS header, read fast.

Headers of JWST products hold 500 cards and more, and a retrieval needs a dozen of them;
astropy's Header takes longer to make than the pixels take to read and send.  The rules are
those of the FITS standard 4.0, section 4 (https://fits.gsfc.nasa.gov/fits_standard.html),
and tests hold every card of every real file against astropy's reading.
"""

import re
from collections.abc import Iterator, Mapping

Value = str | int | float | bool | None
Cards = Mapping[str, Value]

_STRING = re.compile(r"\s*'((?:[^']|'')*)'")
CARD = 80


class LazyCards(Mapping[str, Value]):
    """Keywords and values of a header; the first of a repeated keyword.

    Comments, history, HIERARCH and blank cards are left out; long strings are joined
    (CONTINUE, section 4.2.1.2).  A value is read when it is first asked for.

    Parameters
    ----------
    text
        The cards, end to end.
    """

    def __init__(self, text: str) -> None:
        self._texts: dict[str, list[str]] = {}
        self._values: dict[str, Value] = {}
        texts: list[str] = []
        for start in range(0, len(text), CARD):
            keyword = text[start : start + 8].rstrip()
            if keyword == "END":
                break
            if text[start + 8 : start + 10] == "= ":
                texts = [text[start + 10 : start + CARD]]
                self._texts.setdefault(keyword, texts)
            elif keyword == "CONTINUE":
                texts.append(text[start + 8 : start + CARD])

    def __getitem__(self, keyword: str) -> Value:
        if keyword not in self._values:
            self._values[keyword] = _joined(self._texts[keyword])
        return self._values[keyword]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def _joined(texts: list[str]) -> Value:
    """Return the value of a card and of those that continue it."""
    value = _value(texts[0])
    for text in texts[1:]:
        match = _STRING.match(text)
        if isinstance(value, str) and value.endswith("&") and match:
            value = value[:-1] + _unquoted(match)
    return value


def _value(text: str) -> Value:
    match = _STRING.match(text)
    if match:
        return _unquoted(match)
    word = text.split("/", 1)[0].strip()
    if word in ("T", "F"):
        return word == "T"
    return _number(word) if word else None


def _unquoted(match: re.Match[str]) -> str:
    # Blanks at the end of a string say nothing (section 4.2.1.1).
    return match[1].replace("''", "'").rstrip()


def _number(word: str) -> Value:
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word.upper().replace("D", "E"))
    except ValueError:
        return word
