"""Columns, conditions and sort keys as SQL."""

from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp

from spectraldb.query.conversion import ConvertedCondition, convert_condition
from spectraldb.query.model import Condition, PageToken, SortKey, Value
from spectraldb.query.sql.literals import literal, pattern
from spectraldb.schema.column import SEPARATORS, Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

ALIASES = {Table.PRODUCT: "d", Table.SPECTRUM: "c", Table.PIXEL: "s"}

COMPUTED = {"snr": "s.flux / nullif(s.fluxErr, 0)"}
"""SQL of the columns that are computed in each query."""

Units = Mapping[str, Iterable[str]]
"""Units of the products, by the name of the product column that has them."""

_KEYWORDS = frozenset({"order", "filter", "group"})


def column_sql(column: Column) -> exp.Expr:
    """Return the SQL of a column of the three tables, or of a computed column."""
    if column.name in COMPUTED:
        return exp.paren(sqlglot.parse_one(COMPUTED[column.name], dialect="duckdb"))
    # Both tables have the index of the spectrum; reading it from the pixels saves a join.
    table = "s" if column.name == "spectrum" else ALIASES[column.table]
    return exp.column(column.name, table, quoted=column.name in _KEYWORDS)


def select_as(name: str, column: Column) -> exp.Expr:
    """Return a column of the result with its requested name."""
    sql = column_sql(column)
    plain = name == column.name and isinstance(sql, exp.Column)
    return sql if plain else exp.alias_(sql, name, quoted=name != column.name)


def condition_sql(condition: Condition, units: Units) -> exp.Expr:
    """Return the SQL of a condition; a unit is converted to each unit of the products."""
    if not condition.unit:
        return _comparison(condition, condition.values)
    unit_name = condition.column.unit_from
    unit_column = column_sql(by_name()[unit_name])
    alternatives = [
        exp.and_(
            exp.EQ(this=unit_column.copy(), expression=literal(each.unit)),
            _comparison_in_unit(condition, each),
        )
        for each in convert_condition(condition, units[unit_name])
    ]
    return exp.paren(exp.or_(*alternatives)) if alternatives else exp.false()


def _comparison_in_unit(condition: Condition, converted: ConvertedCondition) -> exp.Expr:
    """Return the comparison in the unit of a product, at the wavelength of the pixel."""
    powers = {"wavelength": converted.wavelength_power, "pixelArea": converted.area_power}
    # Multiplied on either side, and never divided: engines differ in divisions by zero.
    column = _times(column_sql(condition.column), {n: -power for n, power in powers.items()})
    values = (_times(literal(value), powers) for value in converted.values)
    return condition.operator.sql(column, tuple(values))


def _times(sql: exp.Expr, powers: Mapping[str, int]) -> exp.Expr:
    """Return SQL multiplied by powers of columns; powers below 1 are ignored."""
    factors = [name for name, power in powers.items() for _ in range(power)]
    for name in factors:
        sql = exp.Mul(this=sql, expression=column_sql(by_name()[name]))
    return exp.paren(sql) if factors else sql


def _comparison(condition: Condition, values: tuple[Value, ...]) -> exp.Expr:
    column = column_sql(condition.column)
    if condition.operator.tests_presence:
        return condition.operator.sql(column, (literal(values[0]),))
    if condition.operator.key == "like":
        text = condition.column.searched_text(str(values[0]))
        return condition.operator.sql(_searched(condition.column, column), (pattern(text),))
    if condition.column.dtype == "string" and not condition.column.allowed_values:
        # Text matching is case-insensitive, as in the archive's service.
        column = _searched(condition.column, exp.Lower(this=column))
        values = tuple(condition.column.searched_text(str(value)) for value in values)
    return condition.operator.sql(column, tuple(literal(value) for value in values))


def _searched(column: Column, sql: exp.Expr) -> exp.Expr:
    """Return the SQL of a text column without the characters that do not count."""
    if not column.ignores_separators:
        return sql
    return exp.func("translate", sql, literal(SEPARATORS), literal(""))


def sort_key_sql(column: exp.Expr, key: SortKey) -> exp.Ordered:
    """Return the SQL of a sort key, with nulls last."""
    return exp.Ordered(this=column, desc=key.descending or None, nulls_first=False)


def after_page(columns: list[exp.Expr], keys: list[SortKey], token: PageToken) -> exp.Expr:
    """Return the condition that a row comes after the last row of a page."""
    condition: exp.Expr = exp.false()
    for column, key, value in reversed(list(zip(columns, keys, token.keys, strict=True))):
        if value is None:  # nulls come last, so only nulls can follow
            same: exp.Expr = exp.Is(this=column.copy(), expression=exp.null())
            condition = exp.and_(same, condition)
            continue
        compare = exp.LT if key.descending else exp.GT
        later = exp.or_(
            compare(this=column.copy(), expression=literal(value)),
            exp.Is(this=column.copy(), expression=exp.null()),
        )
        same = exp.EQ(this=column.copy(), expression=literal(value))
        condition = exp.or_(exp.paren(later), exp.paren(exp.and_(same, exp.paren(condition))))
    return exp.paren(condition)
