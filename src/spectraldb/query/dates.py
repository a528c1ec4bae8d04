"""Dates in conditions: an ISO date is a span of time, such as a day, and conditions compare spans.

``dateObs.lte=2023-02-01`` includes the whole day, and ``dateObs=2023-02`` is the whole month.
"""

import calendar
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from spectraldb.errors import BadQueryError
from spectraldb.query.model import Condition, Value
from spectraldb.query.operators import OPERATORS, Bounds, Operator, Values
from spectraldb.schema.column import Column

_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(\.\d+)?)?)?)?)?)?"
    r"(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
"""The epoch of the modified Julian date."""

_AFTER = "~"
"""Sorts after every character of an ISO date, so it ends the span of all dates with a prefix."""


@dataclass(frozen=True)
class Span:
    """The first and the last value of a column that a date means."""

    low: Value
    high: Value


def read_span(name: str, column: Column, text: str) -> Span:
    """Return the span of a date: ISO, or for numeric columns also MJD.

    Raises
    ------
    BadQueryError
        If the text is not a date.
    """
    if column.dtype == "float" and re.fullmatch(r"[+-]?\d*\.?\d+(e[+-]?\d+)?", text, re.IGNORECASE):
        number = float(text)
        if not re.fullmatch(r"\d{4}", text):  # a year
            return Span(number, number)
    match = _ISO.fullmatch(text)
    start = _start(match) if match else None
    if match is None or start is None:
        message = f"{name}: {text!r} is not a date. Example: {name}={column.example[:10]}."
        if column.dtype == "float":
            message = f"{name}: {text!r} is neither a date nor an MJD. Example: {name}=2023-02-01."
        raise BadQueryError(message)
    if column.dtype == "float":
        return Span(_mjd(start), math.nextafter(_mjd(_end(start, match)), -math.inf))
    parts = sum(part is not None for part in match.groups()[:6])
    prefix = start.strftime("%Y-%m-%dT%H:%M:%S")[: (4, 7, 10, 13, 16, 19)[parts - 1]]
    prefix += match[7] or ""
    return Span(prefix, prefix + _AFTER)


def _start(match: re.Match[str]) -> datetime | None:
    """Return the start of a span in UTC, or None if there is no such date."""
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone = (match[8] or "Z").upper().replace("Z", "+00:00")
    try:
        fraction = timedelta(seconds=float(match[7] or 0))
        start = datetime(year, month or 1, day or 1, hour, minute, second, tzinfo=UTC) + fraction
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").utcoffset()
    except (ValueError, OverflowError):
        return None
    return start - (offset or timedelta())


def _end(start: datetime, match: re.Match[str]) -> datetime:
    """Return the start of the next span."""
    _, month, day, hour, minute, second, fraction, _ = match.groups()
    if fraction:
        return start
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

    bounds: Bounds | None = None if key == "ne" else lambda v: (min(v), max(v))
    return replace(OPERATORS[key], key=f"{key}-span", sql=sql, bounds=bounds)
