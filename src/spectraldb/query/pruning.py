"""Pruning: which products and spectra can contain pixels that match a query.

Engines know the ranges of each spectrum, and read only the spectra that can match.  They evaluate
the conditions of the query on the pixels that they read, so a pruning can be wider than the
result, but never narrower.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spectraldb.query import cone
from spectraldb.query.conversion import ConvertedCondition, convert_condition
from spectraldb.query.model import KINDS, Condition, PixelQuery, Value
from spectraldb.query.sql.expressions import Units
from spectraldb.schema.columns import UNIT_COLUMNS, by_name
from spectraldb.schema.tables import Table

ALL_IDS = (0, 2**63 - 1)
"""The range of all productIds."""


@dataclass(frozen=True)
class Interval:
    """A closed interval of values, in products with one unit."""

    low: float
    high: float
    unit: str = ""
    """Unit of the products; empty for products with any unit."""


@dataclass(frozen=True)
class RangeFilter:
    """A numeric column of pixels or spectra, and the intervals that can match."""

    name: str
    table: Table
    intervals: tuple[Interval, ...]
    unit_column: str = ""
    """The product column that names the unit, if the intervals have units."""
    is_exact: bool = False
    """Whether every value within an interval meets the condition."""

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Lowest and highest number of each interval."""
        return [(interval.low, interval.high) for interval in self.intervals]

    @property
    def hull(self) -> Interval:
        """The smallest interval that contains all intervals; empty if there are none."""
        return Interval(
            min((interval.low for interval in self.intervals), default=math.inf),
            max((interval.high for interval in self.intervals), default=-math.inf),
        )


@dataclass(frozen=True)
class Pruning:
    """The products and spectra that can contain matching pixels."""

    product_types: frozenset[str]
    ranges: tuple[RangeFilter, ...] = ()
    id_range: tuple[int, int] = ALL_IDS
    """Lowest and highest productId."""

    @property
    def pixel_ranges(self) -> list[RangeFilter]:
        """The range filters on columns of pixels."""
        return [each for each in self.ranges if each.table is Table.PIXEL]


def pruning_of(query: PixelQuery, units: Units) -> Pruning:
    """Return the pruning of a query.

    Parameters
    ----------
    query
        The query.
    units
        Units of the products, for conditions with units.
    """
    return Pruning(
        product_types=query.product_types,
        ranges=tuple(_range_filters(query, units)),
        id_range=_id_range(query),
    )


def _range_filters(query: PixelQuery, units: Units) -> Iterator[RangeFilter]:
    wavelengths = _wavelengths(query)
    for condition in query.conditions:
        column = condition.column
        if column.name == "good" and condition.operator.key == "eq" and condition.values[0] is True:
            yield _range_filter("nGood", 1, math.inf)
        elif column.table is not Table.PRODUCT:
            intervals = _intervals(condition, units, wavelengths)
            if intervals is not None:
                unit_column = UNIT_COLUMNS[column.name] if condition.unit else ""
                is_exact = is_interval(condition, units)
                yield RangeFilter(column.name, column.table, intervals, unit_column, is_exact)
    if query.cone is not None:
        yield _range_filter("dec", *cone.declinations(query.cone))


def _range_filter(name: str, low: float, high: float) -> RangeFilter:
    return RangeFilter(name, by_name()[name].table, (Interval(low, high),))


def is_interval(condition: Condition, units: Units) -> bool:
    """Return whether a condition is met by the values in one interval for each unit, and only them.

    It is not if its values differ from pixel to pixel.
    """
    if not condition.operator.is_interval or KINDS[condition.column.dtype] != "number":
        return False
    if not condition.unit:
        return True
    converted = convert_condition(condition, units[UNIT_COLUMNS[condition.column.name]])
    return not any(each.wavelength_power or each.area_power for each in converted)


def _wavelengths(query: PixelQuery) -> tuple[float, float]:
    """Return the shortest and longest wavelength in micron that can match a query."""
    low, high = -math.inf, math.inf
    for condition in query.conditions:
        bounds = condition.operator.bounds
        if condition.column.name == "wavelength" and bounds is not None:
            shortest, longest = bounds(_floats(condition.values))
            low, high = max(low, shortest), min(high, longest)
    # Wavelengths are positive, and only their squares matter if some are not.
    return (low, high) if low >= 0 else (0.0, max(-low, high))


def _intervals(
    condition: Condition, units: Units, wavelengths: tuple[float, float] = (0.0, math.inf)
) -> tuple[Interval, ...] | None:
    """Return the intervals that can match; None if the condition is not numeric or is unbounded.

    A condition with a unit has one interval for each compatible unit of the lake.
    """
    bounds = condition.operator.bounds
    if bounds is None or KINDS[condition.column.dtype] != "number":
        return None
    if not condition.unit:
        return (Interval(*bounds(_floats(condition.values))),)
    converted = convert_condition(condition, units[UNIT_COLUMNS[condition.column.name]])
    return tuple(
        Interval(*_at_wavelengths(each, bounds(_floats(each.values)), wavelengths), unit=each.unit)
        for each in converted
    )


def _at_wavelengths(
    converted: ConvertedCondition, bounds: tuple[float, float], wavelengths: tuple[float, float]
) -> tuple[float, float]:
    """Return bounds that hold at all wavelengths, and for all areas of pixels."""
    power = converted.wavelength_power
    if converted.area_power:
        factors = [0.0, math.inf]
    elif power:
        factors = [_power(wavelength, power) for wavelength in wavelengths]
    else:
        return bounds
    low, high = bounds
    # Slightly wider, so that rounding cannot exclude a match.
    low = min(_product(low, factor) for factor in factors)
    high = max(_product(high, factor) for factor in factors)
    return low - abs(low) * 1e-9, high + abs(high) * 1e-9


def _power(wavelength: float, power: int) -> float:
    try:
        return float(wavelength**power)
    except (ZeroDivisionError, OverflowError):
        return math.inf


def _product(bound: float, factor: float) -> float:
    """Return the product, where 0 times infinity is 0, and an infinite bound stays infinite."""
    if math.isinf(bound):
        return bound
    return bound * factor if bound else 0.0


def _floats(values: Iterable[Value]) -> list[float]:
    return [float(value) for value in values]


def _id_range(query: PixelQuery) -> tuple[int, int]:
    low, high = query.id_range or ALL_IDS
    if query.after is not None and not query.sort:
        product_id = query.after.keys[0]
        low = max(low, product_id) if isinstance(product_id, int) else low
    return low, high
