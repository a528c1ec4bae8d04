"""Conditions and options of the command line as the parameters of a request."""

from urllib.parse import parse_qsl

from spectraldb.errors import BadQueryError


def request_pairs(conditions: list[str] | None, **options: object) -> list[tuple[str, str]]:
    """Return the parameters that conditions and options stand for.

    Parameters
    ----------
    conditions
        ``column=value``, or a query or a whole URL with several of them.
    **options
        Values by name of the parameter; None is left out.

    Raises
    ------
    BadQueryError
        If a condition has no ``=``.
    """
    pairs = [pair for condition in conditions or [] for pair in _pairs(condition)]
    return pairs + [(name, str(value)) for name, value in options.items() if value is not None]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return names and values of a condition, or of a whole query as a URL has it."""
    if "=" not in text:
        raise BadQueryError(f"{text!r} is no condition; write it as in wavelength=1.2,1.3")
    is_url = "?" in text.partition("=")[0]
    is_query = "&" in text and all("=" in part for part in text.split("&"))
    if is_url or is_query:
        return parse_qsl(text.partition("?")[2] if is_url else text, keep_blank_values=True)
    name, _, value = text.partition("=")
    return [(name.strip(), value)]
