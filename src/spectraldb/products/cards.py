"""The cards of a FITS header, read fast.

Headers of JWST products hold 500 cards and more, and a retrieval needs a dozen of them;
astropy's Header takes longer to make than the pixels take to read and send.  The rules are
those of the FITS standard 4.0, section 4 (https://fits.gsfc.nasa.gov/fits_standard.html),
and tests hold every card of every real file against astropy's reading.
"""

import re
from collections.abc import Mapping

Value = str | int | float | bool | None
Cards = Mapping[str, Value]

_STRING = re.compile(r"\s*'((?:[^']|'')*)'")
CARD = 80


def parse_cards(text: str) -> Cards:
    """Return keyword and value of the cards of a header; the first of a repeated keyword.

    Comments, history, HIERARCH and blank cards are left out; long strings are joined
    (CONTINUE, section 4.2.1.2).
    """
    cards: dict[str, Value] = {}
    last = ""
    for start in range(0, len(text), CARD):
        card = text[start : start + CARD]
        keyword = card[:8].rstrip()
        if keyword == "END":
            break
        if keyword == "CONTINUE":
            _continue_string(cards, last, card)
        elif card[8:10] == "= ":
            last = keyword if keyword not in cards else ""
            if last:
                cards[keyword] = _value(card[10:])
    return cards


def _continue_string(cards: dict[str, Value], keyword: str, card: str) -> None:
    begun = cards.get(keyword)
    match = _STRING.match(card[8:])
    if isinstance(begun, str) and begun.endswith("&") and match:
        cards[keyword] = begun[:-1] + _unquoted(match)


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
