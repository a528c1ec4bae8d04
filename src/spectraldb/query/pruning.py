"""What a query says of products and spectra as a whole: which of them can hold what it asks for.

An engine that knows the ranges of each spectrum reads only those; the query's own conditions are
checked again on what it reads, so that a scope may be wider than the answer, and never narrower.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from spectraldb.query import cone
from spectraldb.query.model import KINDS, Condition, Query, Value
from spectraldb.query.sql.expressions import Units, condition_sql
from spectraldb.query.units import by_unit
from spectraldb.schema.columns import UNIT_COLUMNS, by_name
from spectraldb.schema.tables import Table

ALL_IDS = (0, 2**63 - 1)


@dataclass(frozen=True)
class Span:
    """Two numbers, both included, that a value lies between in products of one unit."""

    low: float
    high: float
    unit: str = ""
    """Empty for products of any."""


@dataclass(frozen=True)
class Interval:
    """A number of pixels or of spectra, and the spans that it can lie in."""

    name: str
    table: Table
    spans: tuple[Span, ...]
    unit_column: str = ""
    """The column of the product that names its unit, where the spans have units."""

    @property
    def ends(self) -> list[tuple[float, float]]:
        """The lowest and the highest number of each span."""
        return [(span.low, span.high) for span in self.spans]

    @property
    def widest(self) -> Span:
        """The span from the lowest to the highest number of all."""
        return Span(
            min((span.low for span in self.spans), default=math.inf),
            max((span.high for span in self.spans), default=-math.inf),
        )


@dataclass(frozen=True)
class Words:
    """A text column of the product, and the texts that it can be, in lower case."""

    name: str
    texts: frozenset[str]


@dataclass(frozen=True)
class Scope:
    """Which products and spectra can hold pixels that a query asks for."""

    product_types: frozenset[str]
    intervals: tuple[Interval, ...] = ()
    words: tuple[Words, ...] = ()
    products: tuple[exp.Expr, ...] = ()
    """Conditions on DataProduct alone, as `d`, that no words tell."""
    spectra: tuple[exp.Expr, ...] = ()
    """Conditions on SpectralCharacteristics alone, as `c`, that no interval tells."""
    ids: tuple[int, int] = ALL_IDS
    """The lowest and the highest productId."""


def scope_of(query: Query, units: Units) -> Scope:
    """Return the scope of a query.

    Parameters
    ----------
    query
        The query.
    units
        The units that products have, for conditions with units.
    """
    plain = [c for c in query.conditions if not c.unit]
    of_products = [c for c in plain if c.column.table is Table.PRODUCT]
    spectra = [condition_sql(c, units) for c in plain if _of_spectra(c) and not _spans(c, units)]
    if query.cone is not None:
        spectra.append(cone.inside(query.cone))
    return Scope(
        product_types=query.product_types,
        intervals=tuple(_intervals(query, units)),
        words=tuple(_words(c) for c in of_products if _is_words(c)),
        products=tuple(condition_sql(c, units) for c in of_products if not _is_words(c)),
        spectra=tuple(spectra),
        ids=_ids(query),
    )


def _is_words(condition: Condition) -> bool:
    return condition.column.dtype == "string" and condition.operator.key in ("eq", "in")


def _words(condition: Condition) -> Words:
    return Words(condition.column.name, frozenset(str(v).lower() for v in condition.values))


def _of_spectra(condition: Condition) -> bool:
    return condition.column.table is Table.SPECTRUM and condition.column.name != "spectrum"


def _intervals(query: Query, units: Units) -> Iterator[Interval]:
    for condition in query.conditions:
        column = condition.column
        if column.name == "good" and condition.operator.key == "eq" and condition.values[0] is True:
            yield _one("nGood", 1, math.inf)
        elif column.table is not Table.PRODUCT and (spans := _spans(condition, units)) is not None:
            unit_column = UNIT_COLUMNS[column.name] if condition.unit else ""
            yield Interval(column.name, column.table, spans, unit_column)
    if query.cone is not None:
        yield _one("dec", *cone.declinations(query.cone))


def _one(name: str, low: float, high: float) -> Interval:
    return Interval(name, by_name()[name].table, (Span(low, high),))


def _spans(condition: Condition, units: Units) -> tuple[Span, ...] | None:
    """Return what a condition leaves of a number; None if it is on no number, or leaves gaps."""
    span = condition.operator.span
    if span is None or KINDS[condition.column.dtype] != "number":
        return None
    if not condition.unit:
        return (Span(*span(_numbers(condition.values))),)
    told = by_unit(condition, units[UNIT_COLUMNS[condition.column.name]])
    return tuple(Span(*span(_numbers(each.values)), unit=each.unit) for each in told)


def _numbers(values: Iterable[Value]) -> list[float]:
    return [float(value) for value in values]


def _ids(query: Query) -> tuple[int, int]:
    low, high = query.products or ALL_IDS
    if query.after is not None and query.in_usual_order:
        place = query.after.place[0]
        low = max(low, place) if isinstance(place, int) else low
    return low, high
