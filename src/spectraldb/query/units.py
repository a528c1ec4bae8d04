"""Conversion of conditions to the unit of a column, or to the units of the products."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spectraldb.errors import BadQueryError
from spectraldb.query.model import Condition, Value
from spectraldb.schema.column import Column

_WITH_UNIT = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?![eE][+-]?\d)([A-Za-z%].*)"
)


@dataclass(frozen=True)
class ConvertedCondition:
    """The values of a condition in one of the units of the products."""

    unit: str
    values: tuple[Value, ...]


def split_units(name: str, column: Column, texts: Sequence[str]) -> tuple[list[str], str]:
    """Return values without their units, and their common unit (empty if there is none).

    A unit after the last value applies to all values: ``12000,13000 Angstrom``.

    Parameters
    ----------
    name
        Name of the parameter, for messages.
    column
        The column that is compared.
    texts
        The values.

    Raises
    ------
    BadQueryError
        If the values have different units, or the unit is unknown or does not apply to the column.
    """
    parts = [_WITH_UNIT.fullmatch(text) for text in texts]
    units = {part[2].strip() for part in parts if part}
    if not units:
        return list(texts), ""
    if len(units) > 1:
        raise BadQueryError(
            f"{name}: The values have different units. Use one: {' or '.join(sorted(units))}."
        )
    unit = units.pop()
    _check(name, column, unit)
    return [part[1] if part else text for part, text in zip(parts, texts, strict=True)], unit


def _check(name: str, column: Column, unit: str) -> None:
    if _parsed(unit) is None:
        raise BadQueryError(
            f"{name}: Unknown unit {unit!r}. Example: {name}=3 {column.unit or 'mJy'}."
        )
    if column.unit_from:
        return
    if not column.unit:
        raise BadQueryError(f"{name}: {column.name} has no unit. Remove {unit!r}.")
    if conversion_factor(unit, column.unit) is None:
        raise BadQueryError(f"{name}: {unit} cannot be converted to {column.unit}.")


@cache
def _parsed(unit: str) -> object:
    from astropy import units as u  # noqa: PLC0415 - slow, and most searches have no unit

    try:
        return u.Unit(unit)
    except (ValueError, TypeError):
        return None


@cache
def conversion_factor(unit: str, to: str) -> float | None:
    """Return the factor that converts values between units; None if they are incompatible."""
    from astropy import units as u  # noqa: PLC0415 - as above

    source, target = _parsed(unit), _parsed(to)
    if source is None or target is None:
        return None
    try:
        return float(u.Unit(source).to(u.Unit(target)))
    except u.UnitConversionError:
        return None


def convert_values(values: Iterable[Value], scale: float) -> tuple[Value, ...]:
    """Multiply numbers by a conversion factor; strings are returned unchanged."""
    inverse = round(1 / scale)
    # Divide by 10000 rather than multiply by 0.0001, which is not exact in binary.
    divides = inverse > 1 and math.isclose(inverse * scale, 1, rel_tol=1e-12)
    return tuple(
        value if isinstance(value, str) else value / inverse if divides else value * scale
        for value in values
    )


def convert_condition(condition: Condition, units: Iterable[str]) -> list[ConvertedCondition]:
    """Convert the values of a condition to each of the units of the products.

    Incompatible units are omitted, which excludes the products that have them.
    """
    factors = ((unit, conversion_factor(condition.unit, unit)) for unit in units)
    return [
        ConvertedCondition(unit, convert_values(condition.values, factor))
        for unit, factor in factors
        if factor
    ]


def excluded_units_note(conditions: Iterable[Condition], units: Mapping[str, Iterable[str]]) -> str:
    """Return the note of a message on products whose unit a condition's does not convert to."""
    notes = []
    for condition in conditions:
        if condition.unit:
            present = set(units[condition.column.unit_from])
            converted = {each.unit for each in convert_condition(condition, present)}
            excluded = sorted(present - converted)
            if excluded:
                notes.append(
                    f" {condition.requested_name} in {condition.unit} excludes products in "
                    f"{', '.join(excluded)}."
                )
    return "".join(dict.fromkeys(notes))
