"""Dates in conditions: an ISO date is a span of time, such as a day, and conditions compare spans.

``dateObs.lte=2023-02-01`` includes the whole day, and ``dateObs=2023-02`` is the whole month.
"""

import calendar
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlglot import exp

from spectraldb.arrays import Array
from spectraldb.errors import BadQueryError
from spectraldb.query.model import Condition, Value
from spectraldb.query.operators import OPERATORS, Bounds, Operator, Values
from spectraldb.schema.column import Column

_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(\.\d{1,6})?)?)?)?)?)?"
    r"(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_LENGTHS = (4, 7, 10, 13, 16, 19)
"""Lengths of dates with one to six parts."""

_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
"""The epoch of the modified Julian date."""

_AFTER = "~"
"""Sorts after every character of an ISO date, so it ends the span of all dates with a prefix."""


@dataclass(frozen=True)
class Span:
    """The first and the last value of a column that a date means."""

    low: Value
    high: Value

    def precedes(self, other: "Span") -> bool:
        """Return whether this span starts before the other one ends, both of the same column."""
        return self.low <= other.high  # type: ignore[operator]


def read_span(name: str, column: Column, text: str) -> Span:
    """Return the span of a date: ISO, or for numeric columns also MJD.

    Raises
    ------
    BadQueryError
        If the text is not a date.
    """
    if column.dtype == "float" and _NUMBER.fullmatch(text) and not _YEAR.fullmatch(text):
        return Span(float(text), float(text))
    match = _ISO.fullmatch(text)
    limits = _limits(match) if match else None
    if match is None or limits is None:
        message = f"{name}: {text!r} is not a date. Example: {name}={column.example[:10]}."
        if column.dtype == "float":
            message = f"{name}: {text!r} is neither a date nor an MJD. Example: {name}=2023-02-01."
        raise BadQueryError(message)
    start, end = limits
    if column.dtype == "float":
        return Span(_mjd(start), math.nextafter(_mjd(end), -math.inf))
    parts = sum(part is not None for part in match.groups()[:6])
    fraction = len(match[7] or "")
    prefix = start.isoformat(timespec="microseconds")[: _LENGTHS[parts - 1] + fraction]
    return Span(prefix, prefix + _AFTER)


def _limits(match: re.Match[str]) -> tuple[datetime, datetime] | None:
    """Return the start of a span and of the next one in UTC; None if there is no such date."""
    if match[8] and not match[5]:
        return None  # a day elsewhere is not one in UTC
    try:
        start = _start(match)
        return start, _end(start, match)
    except (ValueError, OverflowError):
        return None


def _start(match: re.Match[str]) -> datetime:
    """Return the start of a span in UTC."""
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone = (match[8] or "Z").upper().replace("Z", "+00:00")
    fraction = timedelta(microseconds=int((match[7] or ".")[1:].ljust(6, "0")))
    # A month or day of 0 is none, unlike one that is missing.
    month, day = (part if text else 1 for part, text in ((month, match[2]), (day, match[3])))
    start = datetime(year, month, day, hour, minute, second, tzinfo=UTC) + fraction
    offset = datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").utcoffset()
    return start - (offset or timedelta())


def _end(start: datetime, match: re.Match[str]) -> datetime:
    """Return the start of the next span."""
    _, month, day, hour, minute, second, fraction, _ = match.groups()
    if fraction:
        return start + timedelta(microseconds=10 ** (7 - len(fraction)))
    if second or minute or hour or day:
        step = {"seconds": 1} if second else {"minutes": 1} if minute else {"hours": 1}
        return start + timedelta(**(step if hour else {"days": 1}))
    days = calendar.monthrange(start.year, start.month)[1] if month else 365
    leap = not month and calendar.isleap(start.year)
    return start + timedelta(days=days + leap)


def _mjd(moment: datetime) -> float:
    return (moment - _EPOCH) / timedelta(days=1)


def date_condition(condition: Condition, spans: Sequence[Span]) -> Condition:
    """Return a condition on a date with the spans of its values."""
    key = condition.operator.key
    lows, highs = [span.low for span in spans], [span.high for span in spans]
    values: tuple[Value, ...]
    if key in ("eq", "ne", "in"):
        operator = _spans_operator(key)
        values = tuple(value for span in spans for value in (span.low, span.high))
    elif key == "between":
        operator, values = condition.operator, (lows[0], highs[1])
    else:
        operator = condition.operator
        values = (highs[0] if key in ("gt", "lte") else lows[0],)
    return replace(condition, operator=operator, values=values)


def _spans_operator(key: str) -> Operator:
    """Return the operator that compares a column with pairs of a first and a last value."""

    def sql(column: exp.Expr, values: Values) -> exp.Expr:
        pairs = zip(values[::2], values[1::2], strict=True)
        inside = exp.or_(*(exp.Between(this=column.copy(), low=a, high=b) for a, b in pairs))
        return exp.Not(this=exp.paren(inside)) if key == "ne" else exp.paren(inside)

    def mask(column: Array, values: Sequence[Any]) -> Array:
        pairs = zip(values[::2], values[1::2], strict=True)
        inside = np.logical_or.reduce([(column >= low) & (column <= high) for low, high in pairs])
        # NaN differs from itself, and does not match.
        return np.asarray(~inside & (column == column) if key == "ne" else inside, bool)  # noqa: PLR0124 - NaN

    bounds: Bounds | None = None if key == "ne" else lambda v: (min(v), max(v))
    spans = replace(OPERATORS[key], key=f"{key}-span", sql=sql, mask=mask)
    return replace(spans, bounds=bounds, is_interval=key == "eq")
