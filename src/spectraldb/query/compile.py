"""A Query becomes SQL, as a tree: values are literals of the tree and never text."""

from dataclasses import dataclass

from sqlglot import exp

from spectraldb.query.operators import OPERATORS
from spectraldb.query.query import Condition, Cursor, Query, Value
from spectraldb.vocabulary import Column, Table, by_name

ALIASES = {Table.PRODUCT: "d", Table.SPECTRUM: "c", Table.PIXEL: "s"}

PIXEL_ORDER = ("productId", "spectrum", "pixel")
"""Answers come in this order: products as they were ingested, spectra and pixels as in the file."""

MATCHED = "matched"
"""Name of the number of matching pixels in a grouped answer."""

_KEYWORDS = frozenset({"order", "filter", "group"})
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class Compiled:
    """SQL, and the columns of its answer by name; the hidden ones at its end are the cursor."""

    sql: exp.Select
    columns: dict[str, Column | None]
    """None for the count of matching pixels."""
    hidden: tuple[str, ...]

    def text(self) -> str:
        """Return the SQL as DuckDB reads it."""
        return self.sql.sql(dialect="duckdb")


def compile_query(query: Query) -> Compiled:
    """Return the SQL that answers a query, with one row more than its limit."""
    columns = _group_columns(query) if query.group else _pixel_columns(query)
    hidden = PIXEL_ORDER[:1] if query.group else PIXEL_ORDER
    asked: list[exp.Expr] = [
        exp.alias_(exp.Count(this=exp.Star()), name) if column is None else _selected(name, column)
        for name, column in columns.items()
    ]
    order = [_order_column(name, grouped=query.group) for name in hidden]
    sql = exp.select(*asked, *(exp.alias_(c.copy(), f"_{c.name}") for c in order))
    sql = _joined(sql, query, columns)
    for condition in _conditions(query):
        sql = sql.where(condition, copy=False)
    if query.group:
        grouped = [_column(column) for column in columns.values() if column is not None]
        sql = sql.group_by(*order, *grouped)
    return Compiled(sql.order_by(*order).limit(query.limit + 1), columns, hidden)


def _pixel_columns(query: Query) -> dict[str, Column | None]:
    always = ["fileName", "x", "y", "wavelength"]
    if "s3d" in query.product_types:
        always.insert(3, "z")
    return {name: by_name()[name] for name in always} | dict[str, Column | None](query.columns)


def _group_columns(query: Query) -> dict[str, Column | None]:
    always: dict[str, Column | None] = {"fileName": by_name()["fileName"], MATCHED: None}
    return always | {n: c for n, c in query.columns if c.table is Table.PRODUCT}


def _joined(sql: exp.Select, query: Query, columns: dict[str, Column | None]) -> exp.Select:
    named = [c.column for c in query.conditions] + [c for c in columns.values() if c]
    sql = sql.from_(exp.alias_(exp.to_table(Table.PRODUCT.value), "d", table=True))
    if any(c.table is Table.SPECTRUM and c.name != "spectrum" for c in named):
        sql = sql.join(
            exp.alias_(exp.to_table(Table.SPECTRUM.value), "c", table=True),
            on=_equal("c", "d", "productId"),
        )
        on = [_equal("s", "c", "productId"), _equal("s", "c", "spectrum")]
    else:
        on = [_equal("s", "d", "productId")]
    pixels = exp.alias_(exp.to_table(Table.PIXEL.value), "s", table=True)
    return sql.join(pixels, on=exp.and_(*on))


def _equal(left: str, right: str, name: str) -> exp.EQ:
    return exp.EQ(this=exp.column(name, left), expression=exp.column(name, right))


def _conditions(query: Query) -> list[exp.Expr]:
    words = tuple(exp.Literal.string(word) for word in sorted(query.product_types))
    operator = OPERATORS["eq" if len(words) == 1 else "in"]
    types = operator.sql(_column(by_name()["productType"]), words) if words else exp.false()
    found = [types, *(_condition(condition) for condition in query.conditions)]
    if query.after is not None:
        found.append(_after(query.after, grouped=query.group))
    return found


def _condition(condition: Condition) -> exp.Expr:
    column: exp.Expr = _column(condition.column)
    if condition.operator.key == "like":
        pattern = exp.Literal.string(_pattern(str(condition.values[0])))
        return condition.operator.sql(column, (pattern,))
    values = condition.values
    if condition.column.dtype == "string" and not condition.column.words:
        # As in the archive's own service, letters match whatever their case.
        column = exp.Lower(this=column)
        values = tuple(str(value).lower() for value in values)
    return condition.operator.sql(column, tuple(_literal(value) for value in values))


def _pattern(text: str) -> str:
    """Return a LIKE pattern: * and % stand for anything, all else for itself."""
    escaped = text.replace("\\", "\\\\").replace("_", "\\_")
    return escaped.replace("*", "%")


def _literal(value: Value) -> exp.Expr:
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


def _after(cursor: Cursor, *, grouped: bool) -> exp.Expr:
    """Return the condition of being behind a row, in the order of the answer."""
    place = (cursor.product_id, cursor.spectrum, cursor.pixel)
    names = PIXEL_ORDER[:1] if grouped else PIXEL_ORDER
    columns = [_order_column(name, grouped=grouped) for name in names]
    literals = [_literal(number) for number in place[: len(names)]]
    behind: exp.Expr = exp.GT(this=columns[-1], expression=literals[-1])
    for column, literal in reversed(list(zip(columns[:-1], literals[:-1], strict=True))):
        same = exp.EQ(this=column.copy(), expression=literal.copy())
        behind = exp.or_(exp.GT(this=column, expression=literal), exp.and_(same, behind))
    return exp.paren(behind)


def _order_column(name: str, *, grouped: bool) -> exp.Column:
    return exp.column(name, "d" if grouped else "s")


def _selected(name: str, column: Column) -> exp.Expr:
    selected = _column(column)
    return selected if name == column.name else exp.alias_(selected, name, quoted=True)


def _column(column: Column) -> exp.Column:
    # The number of a spectrum is in both tables, and reading it from the pixels spares a join.
    table = "s" if column.name == "spectrum" else ALIASES[column.table]
    return exp.column(column.name, table, quoted=column.name in _KEYWORDS)
