"""Conversion of conditions and options of the command line to parameters of a request."""

import re
from urllib.parse import parse_qsl

from spectraldb.errors import BadQueryError

CONDITION = "condition. Example: wavelength=1.2,1.3"
CUT_OUT = "cut-out. Example: wavelength=5.1,5.2"

_COMPARISON = re.compile(r"\s*(\w+)\s*(<=|>=|!=|==|<|>)\s*([^=<>].*)")
_KEYS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "!=": "ne", "==": "eq"}


def request_pairs(
    conditions: list[str] | None, what: str = CONDITION, **options: object
) -> list[tuple[str, str]]:
    """Return the parameters for conditions and options.

    Parameters
    ----------
    conditions
        ``column=value``; or several of them as a query string, or as a URL with one.
    what
        What the conditions are, with an example, for messages.
    **options
        Values by parameter name; None is omitted.

    Raises
    ------
    BadQueryError
        If a condition has no ``=``, or another comparison.
    """
    pairs = [pair for condition in conditions or [] for pair in _pairs(condition, what)]
    return pairs + [(name, str(value)) for name, value in options.items() if value is not None]


def _pairs(text: str, what: str) -> list[tuple[str, str]]:
    """Return the name and value of a condition, or all pairs of a query string or URL."""
    if what == CONDITION and (comparison := _COMPARISON.fullmatch(text)):
        column, sign, value = comparison.groups()
        raise BadQueryError(f"{text!r} is not a condition. Write {column}.{_KEYS[sign]}={value}.")
    if "=" not in text:
        raise BadQueryError(f"{text!r} is not a {what}.")
    is_url = "?" in text.partition("=")[0]
    is_query = "&" in text and all("=" in part for part in text.split("&"))
    if is_url or is_query:
        return parse_qsl(text.partition("?")[2] if is_url else text, keep_blank_values=True)
    name, _, value = text.partition("=")
    return [(name.strip(), value)]
