"""Conditions with units: values become those of the column, or of each product's own unit."""

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
class OneUnit:
    """What a condition is for the products of one unit."""

    unit: str
    values: tuple[Value, ...]


def split_units(name: str, column: Column, texts: Sequence[str]) -> tuple[list[str], str]:
    """Return values without their units, and the one unit that they have.

    A unit after the last value is that of all: ``12000,13000 Angstrom``.

    Raises
    ------
    BadQueryError
        If the values have different units, or it is none that the column can have.
    """
    parts = [_WITH_UNIT.fullmatch(text) for text in texts]
    units = {part[2].strip() for part in parts if part}
    if not units:
        return list(texts), ""
    if len(units) > 1:
        raise BadQueryError(f"{name}: write one unit, {' or '.join(sorted(units))}")
    unit = units.pop()
    _check(name, column, unit)
    return [part[1] if part else text for part, text in zip(parts, texts, strict=True)], unit


def _check(name: str, column: Column, unit: str) -> None:
    if _parsed(unit) is None:
        raise BadQueryError(f"{name}: {unit!r} is no unit; write it as in {name}=3 mJy")
    if column.unit_from:
        return
    if not column.unit:
        raise BadQueryError(f"{name}: {column.name} has no unit; leave {unit!r} out")
    if factor(unit, column.unit) is None:
        raise BadQueryError(f"{name}: {unit} cannot be converted to {column.unit}")


@cache
def _parsed(unit: str) -> object:
    from astropy import units as u  # noqa: PLC0415 - most searches name no unit

    try:
        return u.Unit(unit)
    except (ValueError, TypeError):
        return None


@cache
def factor(unit: str, to: str) -> float | None:
    """Return what a value is multiplied by in another unit; None if it has no meaning there."""
    from astropy import units as u  # noqa: PLC0415

    source, target = _parsed(unit), _parsed(to)
    if source is None or target is None:
        return None
    try:
        return float(u.Unit(source).to(u.Unit(target)))
    except u.UnitConversionError:
        return None


def converted(values: Iterable[Value], scale: float) -> tuple[Value, ...]:
    """Return numbers in another unit."""
    inverse = round(1 / scale)
    # 12000 Angstrom are 12000 / 10000 um and not 12000 * 0.0001, which is not quite the same.
    divides = inverse > 1 and math.isclose(inverse * scale, 1, rel_tol=1e-12)
    return tuple(
        value if isinstance(value, str) else value / inverse if divides else value * scale
        for value in values
    )


def by_unit(condition: Condition, units: Iterable[str]) -> list[OneUnit]:
    """Return what a condition is for each of the units that products have.

    Units that its own cannot be converted to are left out, and with them their products.
    """
    scales = ((unit, factor(condition.unit, unit)) for unit in units)
    return [OneUnit(unit, converted(condition.values, scale)) for unit, scale in scales if scale]


def left_out(conditions: Iterable[Condition], units: Mapping[str, Iterable[str]]) -> str:
    """Return what an answer says of products whose unit a condition's cannot be converted to."""
    notes = []
    for condition in conditions:
        if condition.unit:
            held = set(units[condition.column.unit_from])
            other = sorted(held - {each.unit for each in by_unit(condition, held)})
            if other:
                notes.append(
                    f"; {condition.asked} in {condition.unit} leaves out products in "
                    f"{', '.join(other)}"
                )
    return "".join(dict.fromkeys(notes))
