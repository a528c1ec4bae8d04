"""Values as literals of an SQL tree."""

from sqlglot import exp

from spectraldb.query.model import Value

_EXACT_DIGITS = 15


def literal(value: Value) -> exp.Expr:
    """Return a value as a literal that means exactly it."""
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, str):
        return exp.Literal.string(value)
    text = repr(abs(value))
    if isinstance(value, float) and "e" not in text and len(text) - 1 > _EXACT_DIGITS:
        # Without an exponent this would be a decimal, and rounded when it meets a double.
        text += "e0"
    number = exp.Literal.number(text)
    return exp.Neg(this=number) if value < 0 else number


def pattern(text: str) -> exp.Expr:
    """Return a LIKE pattern: * and % stand for anything, all else for itself."""
    escaped = text.replace("\\", "\\\\").replace("_", "\\_")
    return exp.Literal.string(escaped.replace("*", "%"))
