"""Hints in the message of a search that finds nothing: what the user may have meant."""

from spectraldb.query.model import Condition, Query


def empty_hint(query: Query) -> str:
    """Return sentences for the message of an empty result; empty if there is no hint."""
    positions = {"ra", "dec"} & {condition.column.name for condition in query.conditions}
    if query.cone is None and len(positions) == 2:
        return "To search around a position, add a radius. Example: radius=5arcsec."
    exact = next(filter(_is_exact, query.conditions), None)
    if exact is None:
        return ""
    name, value = exact.requested_name, float(exact.values[0])
    unit = f" {exact.unit}" if exact.unit else ""
    low, high = (f"{each:.4g}" for each in sorted((0.99 * value, 1.01 * value)))
    return (
        f"{name}={value:g}{unit} matches only this exact value. To search a range, write "
        f"{name}={low},{high}{unit}."
    )


def _is_exact(condition: Condition) -> bool:
    """Return whether a condition compares a decimal number for equality."""
    is_decimal = condition.column.dtype in ("float", "float32")
    return is_decimal and condition.operator.key == "eq" and condition.values[0] != 0
