"""Literals and patterns for SQL trees."""

from sqlglot import exp

from spectraldb.query.model import Value

_EXACT_DIGITS = 15
"""Decimal literals with more significant digits than this can be rounded."""


def literal(value: Value) -> exp.Expr:
    """Return a literal with exactly the given value."""
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, str):
        return exp.Literal.string(value)
    text = repr(abs(value))
    if isinstance(value, float) and "e" not in text and len(text) - 1 > _EXACT_DIGITS:
        # Without an exponent this is a decimal, which is rounded when compared with a double.
        text += "e0"
    number = exp.Literal.number(text)
    return exp.Neg(this=number) if value < 0 else number


def pattern(text: str) -> exp.Expr:
    """Return a LIKE pattern, in which * and % match any text and other characters themselves."""
    escaped = text.replace("\\", "\\\\").replace("_", "\\_")
    return exp.Literal.string(escaped.replace("*", "%"))
