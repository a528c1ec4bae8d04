"""Hints in the message of a search that finds nothing: what the user may have meant."""

import math

from spectraldb.query.model import Condition, Query


def empty_hint(query: Query) -> str:
    """Return sentences for the message of an empty result; empty if there is no hint."""
    exact = {c.column.name: c for c in query.conditions if _is_exact(c)}
    if query.cone is None and {"ra", "dec"} <= exact.keys():
        position = "&".join(f"{name}={exact[name].values[0]}" for name in ("ra", "dec"))
        return f"To search around a position, add a radius. Example: {position}&radius=5arcsec."
    # 0 can be meant exactly, as in errors and gaps.
    return " ".join(_range_hint(condition) for condition in exact.values() if condition.values[0])


def _is_exact(condition: Condition) -> bool:
    """Return whether a condition compares a decimal number for equality."""
    is_decimal = condition.column.dtype in ("float", "float32")
    return is_decimal and condition.operator.key == "eq"


def _range_hint(condition: Condition) -> str:
    name, value = condition.requested_name, float(condition.values[0])
    unit = f" {condition.unit}" if condition.unit else ""
    # The range ends one higher in the second digit: 1.2 to 1.3.
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return (
        f"{name}={value:.10g}{unit} matches only this exact value. To search a range, write "
        f"{name}={value:.10g},{value + step:.10g}{unit}."
    )
