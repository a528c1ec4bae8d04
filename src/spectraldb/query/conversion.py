"""Conversion of values between units.

Values in a logarithmic unit, such as mag(AB), are converted through the value: 20 mag(AB) is
3.63e-5 Jy.  A comparison is that of the converted values, so ``flux.lt=20 mag(AB)`` finds fluxes
below 3.63e-5 Jy, which are fainter sources.

Flux densities per frequency and per wavelength convert at the wavelength of each pixel, by
``f_nu = f_lambda * wavelength^2 / c``.  Surface brightnesses and flux densities convert by the
solid angle of a pixel, in products that have one.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from spectraldb.query.model import Condition, Value
from spectraldb.schema.column import Column
from spectraldb.schema.tables import Table
from spectraldb.units import is_spectral, parse_unit, to_micron


@dataclass(frozen=True)
class Conversion:
    """A factor, and the powers by which it is multiplied."""

    factor: float
    wavelength_power: int = 0
    """Power of the wavelength in micron."""
    area_power: int = 0
    """Power of the solid angle of a pixel in sr."""


@dataclass(frozen=True)
class ConvertedCondition:
    """The values of a condition in one of the units of the products."""

    unit: str
    values: tuple[Value, ...]
    wavelength_power: int = 0
    """The values are those at 1 micron, and are multiplied by this power of the wavelength."""
    area_power: int = 0
    """The values are those of 1 sr, and are multiplied by this power of the pixel's solid angle."""


@cache
def factor_between(unit: str, to: str) -> float | None:
    """Return the factor that converts values between units; None if they are incompatible.

    A logarithmic unit stands for its physical unit, as Jy for mag(Jy).
    """
    from astropy import units as u  # noqa: PLC0415 - slow, and most searches have no unit

    source, target = _physical(parse_unit(unit)), parse_unit(to)
    if source is None or target is None:
        return None
    try:
        return float(source.to(target))
    except (u.UnitsError, TypeError):
        return None


@cache
def conversion(unit: str, to: str) -> Conversion | None:
    """Return the conversion between units of flux; None if they are incompatible."""
    factor = factor_between(unit, to)
    if factor is not None:
        return Conversion(factor)
    from astropy import units as u  # noqa: PLC0415 - as above

    source, target = _physical(parse_unit(unit)), parse_unit(to)
    if source is None or target is None:
        return None
    for area_power in (0, 1, -1):
        found = _at_wavelengths(source * u.sr**area_power, target, area_power)
        if found:
            return found
    return None


def _at_wavelengths(source: Any, target: Any, area_power: int) -> Conversion | None:  # noqa: ANN401 - units of astropy
    from astropy import units as u  # noqa: PLC0415 - as above

    try:
        at_1, at_2 = (
            float(source.to(target, 1.0, equivalencies=u.spectral_density(wavelength * u.um)))
            for wavelength in (1.0, 2.0)
        )
    except (u.UnitsError, TypeError):
        return None
    return Conversion(at_1, round(math.log2(at_2 / at_1)), area_power)


def is_relative(unit: str) -> bool:
    """Return whether a unit is logarithmic but has no zero point, as mag and dex."""
    from astropy import units as u  # noqa: PLC0415 - as above

    parsed = parse_unit(unit)
    return not hasattr(parsed, "physical_unit") and bool(parsed.is_equivalent(u.mag))


def _physical(unit: Any) -> Any:  # noqa: ANN401 - units of astropy, which has no types
    return getattr(unit, "physical_unit", unit)


def physical_values(values: tuple[Value, ...], unit: str) -> tuple[Value, ...]:
    """Return values in the physical unit of a logarithmic unit; unchanged for other units."""
    parsed = parse_unit(unit)
    if not hasattr(parsed, "physical_unit"):
        return values
    with np.errstate(over="ignore"):
        numbers = parsed.to(parsed.physical_unit, np.asarray(values, "f8"))
    return tuple(numbers.tolist())


def convert_values(values: Iterable[Value], scale: float) -> tuple[Value, ...]:
    """Multiply numbers by a conversion factor; strings are returned unchanged."""
    inverse = round(1 / scale)
    # Divide by 10000 rather than multiply by 0.0001, which is not exact in binary.
    divides = inverse > 1 and math.isclose(inverse * scale, 1, rel_tol=1e-12)
    return tuple(
        value if isinstance(value, str) else value / inverse if divides else value * scale
        for value in values
    )


def is_spectral_column(column: Column) -> bool:
    """Return whether a column has wavelengths, to which frequencies can be converted."""
    return column.ucd.startswith("em.wl")


def convert_to_column(values: tuple[Value, ...], unit: str, column: Column) -> tuple[Value, ...]:
    """Return values in the unit of a column; infinite for the wavelength of a frequency of 0."""
    factor = factor_between(unit, column.unit)
    if factor is not None:
        return convert_values(physical_values(values, unit), factor)
    return tuple(to_micron(np.asarray(values, "f8"), unit).tolist())


def reverses_order(column: Column, unit: str) -> bool:
    """Return whether larger values in a unit are smaller ones in the unit of a column.

    This is so for magnitudes, and for frequencies, wavenumbers and energies.
    """
    one, two = map(float, physical_values((1.0, 2.0), unit))
    if one > two:
        return True
    spectral = is_spectral_column(column) and is_spectral(unit)
    return spectral and factor_between(unit, column.unit) is None


def convert_condition(condition: Condition, units: Iterable[str]) -> list[ConvertedCondition]:
    """Convert the values of a condition to each of the units of the products.

    Incompatible units are omitted, which excludes the products that have them.  Units that
    convert at one wavelength only are incompatible in statistics of spectra, which have no single
    wavelength.
    """
    values = physical_values(condition.values, condition.unit)
    if condition.operator.takes == "two":
        values = tuple(sorted(values, key=float))
    converted = []
    for unit in units:
        found = conversion(condition.unit, unit)
        if found and (not found.wavelength_power or condition.column.table is Table.PIXEL):
            in_unit = convert_values(values, found.factor)
            powers = found.wavelength_power, found.area_power
            converted.append(ConvertedCondition(unit, in_unit, *powers))
    return converted
