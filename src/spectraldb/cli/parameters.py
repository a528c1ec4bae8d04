"""Conversion of conditions and options of the command line to parameters of a request."""

from urllib.parse import parse_qsl

from spectraldb.errors import BadQueryError


def request_pairs(conditions: list[str] | None, **options: object) -> list[tuple[str, str]]:
    """Return the parameters for conditions and options.

    Parameters
    ----------
    conditions
        ``column=value``; or several of them as a query string, or as a URL with one.
    **options
        Values by parameter name; None is omitted.

    Raises
    ------
    BadQueryError
        If a condition has no ``=``.
    """
    pairs = [pair for condition in conditions or [] for pair in _pairs(condition)]
    return pairs + [(name, str(value)) for name, value in options.items() if value is not None]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the name and value of a condition, or all pairs of a query string or URL."""
    if "=" not in text:
        raise BadQueryError(f"{text!r} is not a condition. Example: wavelength=1.2,1.3.")
    is_url = "?" in text.partition("=")[0]
    is_query = "&" in text and all("=" in part for part in text.split("&"))
    if is_url or is_query:
        return parse_qsl(text.partition("?")[2] if is_url else text, keep_blank_values=True)
    name, _, value = text.partition("=")
    return [(name.strip(), value)]
