"""The operators of conditions: the source of grammar, SQL, masks, documentation and web form.

Each operator is defined twice, side by side: as SQL, and as a mask of numpy arrays for searches
that need no SQL engine.  Tests compare the two on the same rows.
"""

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
from sqlglot import exp

from spectraldb.arrays import Array

Values = tuple[exp.Expr, ...]
Mask = Callable[[Array, Sequence[Any]], Array]
Kind = Literal["number", "string", "bool"]
Bounds = Callable[[Sequence[float]], tuple[float, float]]


@dataclass(frozen=True)
class Operator:
    """An operator: its name, its values, its SQL and its documentation."""

    key: str
    """Name in a condition, as in ``flux.gte``."""
    takes: Literal["one", "two", "some", "boolean"]
    """Number of values, or a boolean."""
    kinds: frozenset[Kind]
    """Kinds of columns to which it applies."""
    description: str
    example: str
    sql: Callable[[exp.Expr, Values], exp.Expr]
    mask: Mask
    """Return the mask of numbers, booleans or texts that match.

    NaN stands for null.  The values to compare with are numbers or texts, or arrays of numbers with
    one value for each element.
    """
    bounds: Bounds | None = None
    """Return the lowest and highest number that can match; None if any number can."""
    is_interval: bool = False
    """Whether all numbers within `bounds` match."""

    @property
    def tests_equality(self) -> bool:
        """Whether it tests for equality, and so applies to columns with allowed values too."""
        return self.key in ("eq", "ne", "in")

    @property
    def tests_flags(self) -> bool:
        """Whether the operator tests flags, and so applies only to columns that have them."""
        return self.key in ("has", "lacks")

    @property
    def tests_presence(self) -> bool:
        """Whether the operator tests for missing values."""
        return self.takes == "boolean"


def _like(column: exp.Expr, values: Values) -> exp.Expr:
    return exp.Escape(
        this=exp.ILike(this=column, expression=values[0]), expression=exp.Literal.string("\\")
    )


def _compare(node: type[exp.Binary]) -> Callable[[exp.Expr, Values], exp.Expr]:
    return lambda column, values: node(this=column, expression=values[0])


def _is_null(column: exp.Expr, values: Values) -> exp.Expr:
    is_null = exp.Is(this=column, expression=exp.null())
    return is_null if values[0] == exp.true() else exp.Not(this=is_null)


def _from(values: Sequence[float]) -> tuple[float, float]:
    return values[0], math.inf


def _to(values: Sequence[float]) -> tuple[float, float]:
    return -math.inf, values[0]


def _above(values: Sequence[float]) -> tuple[float, float]:
    return (math.nextafter(values[0], math.inf), math.inf) if values[0] < math.inf else _EMPTY


def _below(values: Sequence[float]) -> tuple[float, float]:
    return (-math.inf, math.nextafter(values[0], -math.inf)) if values[0] > -math.inf else _EMPTY


_EMPTY = math.inf, -math.inf


def _mask_of(compare: Callable[[Any, Any], Any]) -> Mask:
    return lambda column, values: np.asarray(compare(column, values[0]), bool)


def _differs(column: Array, values: Sequence[Any]) -> Array:
    # NaN differs from itself, and does not match.
    return np.asarray((column != values[0]) & (column == column), bool)  # noqa: PLR0124 - NaN


def _is_between(column: Array, values: Sequence[Any]) -> Array:
    return np.asarray((column >= values[0]) & (column <= values[1]), bool)


def _is_any(column: Array, values: Sequence[Any]) -> Array:
    return np.asarray(reduce(operator.or_, (column == value for value in values)), bool)


def _matches(column: Array, values: Sequence[Any]) -> Array:
    pieces = re.split(r"[*%]", str(values[0]))
    pattern = re.compile(".*".join(map(re.escape, pieces)), re.DOTALL)
    return np.array([pattern.fullmatch(text) is not None for text in column], bool)


def _mask(values: Sequence[float]) -> int:
    mask = 0
    for value in values:
        mask |= int(value)
    return mask


def _flags(column: exp.Expr, values: Values) -> tuple[exp.Expr, exp.Expr]:
    """Return the flags of a column that are in a mask, and the mask."""
    mask = exp.Literal.number(_mask([float(value.name) for value in values]))
    return exp.paren(exp.BitwiseAnd(this=column, expression=mask)), mask.copy()


def _has_flags(column: exp.Expr, values: Values) -> exp.Expr:
    flags, mask = _flags(column, values)
    return exp.EQ(this=flags, expression=mask)


def _lacks_flags(column: exp.Expr, values: Values) -> exp.Expr:
    return exp.EQ(this=_flags(column, values)[0], expression=exp.Literal.number(0))


def _has_mask(column: Array, values: Sequence[Any]) -> Array:
    mask = _mask(values)
    return np.asarray(column.astype(np.int64) & mask == mask, bool)


def _lacks_mask(column: Array, values: Sequence[Any]) -> Array:
    return np.asarray(column.astype(np.int64) & _mask(values) == 0, bool)


def _is_missing(column: Array, values: Sequence[Any]) -> Array:
    return np.asarray((column != column) == values[0], bool)  # noqa: PLR0124 - NaN is null


_ALL: frozenset[Kind] = frozenset({"number", "string", "bool"})
_NUMBERS: frozenset[Kind] = frozenset({"number"})
_ORDERED: frozenset[Kind] = frozenset({"number", "string"})

OPERATORS: dict[str, Operator] = {
    op.key: op
    for op in (
        Operator(
            "eq",
            "one",
            _ALL,
            "is equal to",
            "targetName.eq=NGC 7469",
            _compare(exp.EQ),
            _mask_of(operator.eq),
            lambda v: (v[0], v[0]),
            is_interval=True,
        ),
        Operator(
            "ne",
            "one",
            _ALL,
            "is not equal to",
            "instrument.ne=MIRI",
            _compare(exp.NEQ),
            _differs,
        ),
        Operator(
            "gt",
            "one",
            _ORDERED,
            "is above",
            "derSnr.gt=5",
            _compare(exp.GT),
            _mask_of(operator.gt),
            _above,
            is_interval=True,
        ),
        Operator(
            "gte",
            "one",
            _ORDERED,
            "is at least",
            "flux.gte=10",
            _compare(exp.GTE),
            _mask_of(operator.ge),
            _from,
            is_interval=True,
        ),
        Operator(
            "lt",
            "one",
            _ORDERED,
            "is below",
            "wavelength.lt=15",
            _compare(exp.LT),
            _mask_of(operator.lt),
            _below,
            is_interval=True,
        ),
        Operator(
            "lte",
            "one",
            _ORDERED,
            "is at most",
            "fluxErr.lte=0.1",
            _compare(exp.LTE),
            _mask_of(operator.le),
            _to,
            is_interval=True,
        ),
        Operator(
            "between",
            "two",
            _ORDERED,
            "is between the two values, both included",
            "wavelength.between=1.2,1.3",
            lambda column, v: exp.Between(this=column, low=v[0], high=v[1]),
            _is_between,
            lambda v: (v[0], v[1]),
            is_interval=True,
        ),
        Operator(
            "in",
            "some",
            _ORDERED,
            "is one of the values",
            "instrument.in=MIRI,NIRSPEC",
            lambda column, v: exp.In(this=column, expressions=list(v)),
            _is_any,
            lambda v: (min(v), max(v)),
        ),
        Operator(
            "like",
            "one",
            frozenset({"string"}),
            "matches the pattern; * stands for any text",
            "targetName.like=NGC*",
            _like,
            _matches,
        ),
        Operator(
            "has",
            "some",
            _NUMBERS,
            "has all of these flags, as numbers or mnemonics",
            "dq.has=SATURATED",
            _has_flags,
            _has_mask,
            lambda v: (_mask(v), math.inf),
        ),
        Operator(
            "lacks",
            "some",
            _NUMBERS,
            "has none of these flags",
            "dq.lacks=DO_NOT_USE,JUMP_DET",
            _lacks_flags,
            _lacks_mask,
        ),
        Operator(
            "isnull",
            "boolean",
            _ALL,
            "has no value (true) or has a value (false)",
            "fluxErr.isnull=true",
            _is_null,
            _is_missing,
        ),
    )
}

SINGLE, PAIR, LIST = OPERATORS["eq"], OPERATORS["between"], OPERATORS["in"]


def default_operator(kind: Kind, values: int) -> Operator:
    """Return the operator of a condition without one, as in ``column=values``.

    One value means equality, two numbers are a range, and several strings mean any of them.

    Parameters
    ----------
    kind
        Kind of the column.
    values
        Number of values.
    """
    if values == 1:
        return SINGLE
    return PAIR if kind == "number" else LIST
