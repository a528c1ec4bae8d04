"""Columns, conditions and orders as SQL."""

from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp

from spectraldb.query.model import Condition, Cursor, SortKey, Value
from spectraldb.query.sql.literals import literal, pattern
from spectraldb.query.units import by_unit
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

ALIASES = {Table.PRODUCT: "d", Table.SPECTRUM: "c", Table.PIXEL: "s"}

COMPUTED = {"snr": "s.flux / nullif(s.fluxErr, 0)"}
"""Columns that are computed when they are asked for."""

Units = Mapping[str, Iterable[str]]
"""The units that products have, by the name of the column that tells them."""

_KEYWORDS = frozenset({"order", "filter", "group"})


def column_sql(column: Column) -> exp.Expr:
    """Return a column of the three tables, or what it is computed from."""
    if column.name in COMPUTED:
        return exp.paren(sqlglot.parse_one(COMPUTED[column.name], dialect="duckdb"))
    # The number of a spectrum is in both tables, and reading it from the pixels spares a join.
    table = "s" if column.name == "spectrum" else ALIASES[column.table]
    return exp.column(column.name, table, quoted=column.name in _KEYWORDS)


def selected(name: str, column: Column) -> exp.Expr:
    """Return a column of an answer under the name it was asked by."""
    sql = column_sql(column)
    plain = name == column.name and isinstance(sql, exp.Column)
    return sql if plain else exp.alias_(sql, name, quoted=name != column.name)


def condition_sql(condition: Condition, units: Units) -> exp.Expr:
    """Return a condition; one with a unit is told for each of the units that products have."""
    if not condition.unit:
        return _compared(condition, condition.values)
    unit_name = condition.column.unit_from
    unit_column = column_sql(by_name()[unit_name])
    told = [
        exp.and_(
            exp.EQ(this=unit_column.copy(), expression=literal(each.unit)),
            _compared(condition, each.values),
        )
        for each in by_unit(condition, units[unit_name])
    ]
    return exp.paren(exp.or_(*told)) if told else exp.false()


def _compared(condition: Condition, values: tuple[Value, ...]) -> exp.Expr:
    column = column_sql(condition.column)
    if condition.operator.key == "like":
        return condition.operator.sql(column, (pattern(str(values[0])),))
    if condition.column.dtype == "string" and not condition.column.allowed_values:
        # As in the archive's own service, letters match whatever their case.
        column = exp.Lower(this=column)
        values = tuple(str(value).lower() for value in values)
    return condition.operator.sql(column, tuple(literal(value) for value in values))


def ordered(sql: exp.Expr, key: SortKey) -> exp.Ordered:
    """Return a sort key; what has no value comes last."""
    return exp.Ordered(this=sql, desc=key.descending or None, nulls_first=False)


def behind(columns: list[exp.Expr], keys: list[SortKey], cursor: Cursor) -> exp.Expr:
    """Return the condition of being behind a row, in the order of the answer."""
    found: exp.Expr = exp.false()
    for column, key, value in reversed(list(zip(columns, keys, cursor.place, strict=True))):
        if value is None:  # what has no value is last: only others like it are left
            same: exp.Expr = exp.Is(this=column.copy(), expression=exp.null())
            found = exp.and_(same, found)
            continue
        compare = exp.LT if key.descending else exp.GT
        further = exp.or_(
            compare(this=column.copy(), expression=literal(value)),
            exp.Is(this=column.copy(), expression=exp.null()),
        )
        same = exp.EQ(this=column.copy(), expression=literal(value))
        found = exp.or_(exp.paren(further), exp.paren(exp.and_(same, exp.paren(found))))
    return exp.paren(found)
