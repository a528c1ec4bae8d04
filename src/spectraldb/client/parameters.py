"""Conversion of Python values (quantities, positions, lists) to parameters of the API."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from spectraldb.errors import BadQueryError

Pairs = list[tuple[str, str]]


def request_parameters(query: str | None, conditions: Mapping[str, Any]) -> Pairs:
    """Return the parameters of a request.

    Parameters
    ----------
    query
        Conditions as in a URL, such as ``wavelength=1.2,1.3&flux.gte=10``, or a whole URL.
    conditions
        Conditions as keywords, with two underscores for the dot before an operator
        (``flux__gte=10``). Values may be quantities, and tuples or lists of values.
        `position` is an `astropy.coordinates.SkyCoord`, which requires `radius`.

    Raises
    ------
    BadQueryError
        If a value is invalid.
    """
    pairs = _parse_query(query) if query else []
    for name, value in conditions.items():
        if name == "position":
            pairs += _position(value)
        else:
            pairs.append((name.replace("__", "."), format_value(name, value)))
    return pairs


def product_parameter(name: str) -> tuple[str, str]:
    """Return the parameter that identifies a product by its URI or its file name."""
    return ("uri" if ":" in name else "filename", name)


def product_names(product: Any) -> str | list[str]:
    """Return the URI, or else the file name, of a product or of each product of a collection.

    Parameters
    ----------
    product
        A URI or file name; a row of a result, as a dictionary, a row of an astropy table or a
        Series; a table of results; or a collection of any of these.

    Raises
    ------
    BadQueryError
        If a row has neither a URI nor a file name.
    """
    if isinstance(product, str):
        return str(product)
    for column in ("uri", "fileName"):
        try:
            value = product[column]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            continue
        return str(value) if isinstance(value, str) else [str(each) for each in value]
    if isinstance(product, Mapping) or not hasattr(product, "__iter__"):
        raise BadQueryError("The row has neither uri nor fileName, which name the product.")
    return [single_name(each) for each in product]


def single_name(product: Any) -> str:
    """Return the URI or file name of one product; raises the errors of `product_names`."""
    names = product_names(product)
    if not isinstance(names, str):
        raise BadQueryError("Name one product here, not several.")
    return names


def read_flag(text: str | None) -> bool:
    """Return whether a parameter is present and true, as the server reads it."""
    return (text or "").lower() in ("true", "1", "yes", "t")


def without(pairs: Iterable[tuple[str, str]], *names: str) -> Pairs:
    """Return the parameters without those with one of the names."""
    return [(name, value) for name, value in pairs if name not in names]


def format_value(name: str, value: Any) -> str:
    """Return a value in the form of the URL; raises the errors of `request_parameters`."""
    if value is None:
        column = name.partition("__")[0]
        raise BadQueryError(
            f"{name}: None is not a value. Omit it, or search for missing values with "
            f"{column}__isnull=True."
        )
    if hasattr(value, "unit") and hasattr(value, "to_value"):
        return _format_quantity(value)
    if isinstance(value, list | tuple | set | frozenset | range) or getattr(value, "ndim", 0) > 0:
        return _format_list(name, list(value))
    return _format_scalar(value)


def _parse_query(query: str) -> Pairs:
    text = urlsplit(query).query if "://" in query else query.lstrip("?")
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    except ValueError:
        raise BadQueryError(
            f"query: {query!r} is not a list of conditions. "
            "Example: wavelength=1.2,1.3&flux.gte=10."
        ) from None


def _position(position: Any) -> Pairs:
    if not hasattr(position, "icrs") or not getattr(position, "isscalar", False):
        raise BadQueryError(
            f"position: {position!r} is not a single SkyCoord. For several positions, use `match`."
        )
    return [(name, repr(float(getattr(position.icrs, name).deg))) for name in ("ra", "dec")]


def _format_quantity(quantity: Any) -> str:
    numbers = quantity.value
    values = numbers.ravel().tolist() if quantity.shape else [numbers.item()]
    return f"{','.join(map(repr, values))} {quantity.unit.to_string()}".strip()


def _format_list(name: str, values: list[Any]) -> str:
    if not values:
        raise BadQueryError(f"{name}: The list is empty.")
    if any(hasattr(value, "unit") for value in values):
        from astropy.units import Quantity

        return _format_quantity(Quantity(values))
    return ",".join(_quote(format_value(name, value)) for value in values)


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text else text


def _format_scalar(value: Any) -> str:
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isot"):  # an astropy Time
        return str(value.utc.isot)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return repr(value) if isinstance(value, float) else str(value)
