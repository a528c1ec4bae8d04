"""The units of values in requests: parsing, and conversion to the unit of a column."""

import math
import re
from collections.abc import Sequence

from spectraldb.errors import BadQueryError
from spectraldb.query.conversion import (
    convert_to_column,
    factor_between,
    is_relative,
    is_spectral_column,
    physical_values,
)
from spectraldb.query.model import Value
from spectraldb.schema.column import Column
from spectraldb.units import is_spectral, parse_unit

_WITH_UNIT = re.compile(
    r"""\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)  # a number
    (?:\s*(?![eE][+-]?\d)(?=[^\W\d_]|[%°(/])  # a unit: a letter, % or ° can follow directly,
    |\s+(?=[\d(]))  # and a unit with a scale, as in 3 1e-20 erg / (s cm2 AA), after a blank
    (.*[^\W\d_].*|%|°)""",
    re.VERBOSE,
)


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
    if parse_unit(unit) is None:
        raise BadQueryError(
            f"{name}: Unknown unit {unit!r}. Example: {name}=3 {column.unit or 'mJy'}."
        )
    if column.unit_from:
        if is_relative(unit):
            raise BadQueryError(f"{name}: {unit} has no zero point. Example: {name}=20 mag(AB).")
        return
    if not column.unit:
        raise BadQueryError(f"{name}: {column.name} has no unit. Remove {unit!r}.")
    spectral = is_spectral_column(column) and is_spectral(unit)
    if not spectral and factor_between(unit, column.unit) is None:
        raise BadQueryError(f"{name}: {unit} cannot be converted to {column.unit}.")


def convert_to_unit(
    name: str, column: Column, values: tuple[Value, ...], unit: str
) -> tuple[Value, ...]:
    """Return values in the unit of a column, in the order of the request.

    Values stay in their unit if that of the column varies from product to product.

    Raises
    ------
    BadQueryError
        If a converted value is not a finite number, such as the wavelength of a frequency of 0.
    """
    if column.unit_from:
        converted, target = physical_values(values, unit), unit
    else:
        converted, target = convert_to_column(values, unit, column), column.unit
    for value, number in zip(values, converted, strict=True):
        if isinstance(number, float) and not math.isfinite(number):
            raise BadQueryError(f"{name}: {value} {unit} is not a finite value in {target}.")
    return values if column.unit_from else converted
