"""Compilation of searches for pixels to SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from spectraldb.query import cone
from spectraldb.query.model import PixelQuery, Query, SortKey
from spectraldb.query.operators import OPERATORS
from spectraldb.query.result_columns import AGGREGATES, GROUP_COLUMNS, PIXEL_COLUMNS
from spectraldb.query.sql.expressions import (
    Units,
    after_page,
    column_sql,
    condition_sql,
    select_as,
    sort_key_sql,
)
from spectraldb.query.sql.literals import literal
from spectraldb.query.sql.statement import Statement, join_tables
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

DEFAULT_ORDER = ("productId", "spectrum", "pixel")
"""Sort keys of the default order: products in order of ingest, then spectra and pixels."""

_AGGREGATE_SQL: dict[str, exp.Expr] = {
    "matched": exp.Count(this=exp.Star()),
    "matchedWavelengthMin": exp.Min(this=exp.column("wavelength", "s")),
    "matchedWavelengthMax": exp.Max(this=exp.column("wavelength", "s")),
    "matchedFluxMin": exp.Min(this=exp.column("flux", "s")),
    "matchedFluxMax": exp.Max(this=exp.column("flux", "s")),
}


@dataclass(frozen=True)
class CompiledQuery:
    """A search with its columns and its SQL.

    In addition to `columns`, the result has the sort keys as its last columns, ``_0, _1, ...``.
    """

    compile: Callable[[], Statement]
    """Return the SQL, which takes longer than many searches and is not always needed."""
    columns: dict[str, Column]
    """Columns of the result, by name."""
    descending: tuple[bool, ...]
    """Whether each sort key is in descending order."""

    @cached_property
    def statement(self) -> Statement:
        """The SQL of the search."""
        return self.compile()

    @property
    def texts(self) -> list[str]:
        """Names of the columns of text."""
        return [name for name, column in self.columns.items() if column.dtype == "string"]


def compile_pixels(query: PixelQuery, units: Units) -> CompiledQuery:
    """Compile a search for pixels; the SQL returns one row more than the limit, if there is one.

    Parameters
    ----------
    query
        The query.
    units
        Units of the products, for conditions with units.
    """
    columns = _group_columns(query) if query.group else _pixel_columns(query)
    keys = _sort_keys(query)
    return CompiledQuery(
        lambda: _statement(query, units, columns, keys),
        columns,
        tuple(key.descending for key in keys),
    )


def _statement(
    query: PixelQuery, units: Units, columns: dict[str, Column], keys: list[SortKey]
) -> Statement:
    key_columns = _key_columns(query)
    selected = [
        _AGGREGATE_SQL[name].as_(name) if name in AGGREGATES else select_as(name, column)
        for name, column in columns.items()
    ]
    sql = _filtered(exp.select(*selected), query, units, columns)
    if query.group:
        named = [column_sql(column) for name, column in columns.items() if name not in AGGREGATES]
        sql.group_by(exp.column("productId", "d"), *named, copy=False)
    if query.after is not None:
        clause = sql.having if query.group else sql.where
        clause(after_page(key_columns, keys, query.after), copy=False)
    return Statement(sort_and_limit(sql, key_columns, keys, query.limit))


def sort_and_limit(
    sql: exp.Select, key_columns: list[exp.Expr], keys: list[SortKey], limit: int | None
) -> exp.Select:
    """Add the sort keys to a query, as columns and order, and a limit of one row more."""
    hidden = [exp.alias_(column.copy(), f"_{i}") for i, column in enumerate(key_columns)]
    order = [
        sort_key_sql(column.copy(), key) for column, key in zip(key_columns, keys, strict=True)
    ]
    sql = sql.select(*hidden, copy=False).order_by(*order, copy=False)
    return sql if limit is None else sql.limit(limit + 1, copy=False)


def compile_count(query: PixelQuery, units: Units) -> Statement:
    """Return SQL that counts the matching pixels and their products."""
    pixels = exp.alias_(exp.Count(this=exp.Star()), "pixels")
    product_id = exp.column("productId", "d")
    products = exp.Count(this=exp.Distinct(expressions=[product_id])).as_("products")
    return Statement(_filtered(exp.select(pixels, products), query, units, {}))


def compile_size(compiled: CompiledQuery) -> Statement:
    """Return SQL that counts the rows of a result, and measures each of its text columns.

    ``w0``, ``w1`` ... are the bytes of the longest text; ``u0``, ``u1`` ... are 0 if all texts have
    as many bytes as characters, which are then ASCII.
    """
    sizes = []
    for i, name in enumerate(compiled.texts):
        text = exp.column(name, quoted=True)
        n_bytes = exp.func("strlen", text)
        more = exp.Sub(this=n_bytes.copy(), expression=exp.func("length", text.copy()))
        sizes += [exp.alias_(_largest(n_bytes), f"w{i}"), exp.alias_(_largest(more), f"u{i}")]
    rows = exp.alias_(exp.Count(this=exp.Star()), "rows", quoted=True)
    return Statement(exp.select(rows, *sizes).from_(compiled.statement.tree.subquery("answer")))


def _largest(number: exp.Expr) -> exp.Expr:
    """Return SQL of the maximum, which is 0 if there are no rows."""
    return exp.func("coalesce", exp.Max(this=number), exp.Literal.number(0))


def where_conditions(query: Query, units: Units) -> list[exp.Expr]:
    """Return the SQL of all conditions of a query, including product types and the cone."""
    names = tuple(exp.Literal.string(name) for name in sorted(query.product_types))
    operator = OPERATORS["eq" if len(names) == 1 else "in"]
    types = operator.sql(column_sql(by_name()["productType"]), names) if names else exp.false()
    conditions = [types, *(condition_sql(condition, units) for condition in query.conditions)]
    if query.cone is not None:
        conditions.append(cone.inside(query.cone))
    return conditions


def _filtered(
    sql: exp.Select, query: PixelQuery, units: Units, columns: dict[str, Column]
) -> exp.Select:
    sql = _joined(sql, query, columns)
    for condition in where_conditions(query, units):
        sql = sql.where(condition, copy=False)
    if query.id_range is not None:
        low, high = (literal(number) for number in query.id_range)
        between = exp.Between(this=exp.column("productId", "s"), low=low, high=high)
        sql = sql.where(between, copy=False)
    return sql


def _pixel_columns(query: PixelQuery) -> dict[str, Column]:
    names = list(PIXEL_COLUMNS)
    if "s3d" in query.product_types:
        names.insert(3, "z")
    return {name: by_name()[name] for name in names} | dict(query.columns)


def _group_columns(query: PixelQuery) -> dict[str, Column]:
    requested = {name: c for name, c in query.columns if c.table is Table.PRODUCT}
    return {name: by_name()[name] for name in GROUP_COLUMNS} | AGGREGATES | requested


def _sort_keys(query: PixelQuery) -> list[SortKey]:
    """Return the sort keys of a result, including tie-breakers."""
    names = DEFAULT_ORDER[:1] if query.group else DEFAULT_ORDER
    return [*query.sort, *(SortKey(Column(name, Table.PIXEL, "long", "")) for name in names)]


def _key_columns(query: PixelQuery) -> list[exp.Expr]:
    """Return the SQL of the sort keys, including tie-breakers."""
    columns = [_AGGREGATE_SQL.get(k.column.name) or column_sql(k.column) for k in query.sort]
    names, alias = (DEFAULT_ORDER[:1], "d") if query.group else (DEFAULT_ORDER, "s")
    return [each.copy() for each in (*columns, *(exp.column(name, alias) for name in names))]


def _joined(sql: exp.Select, query: PixelQuery, columns: dict[str, Column]) -> exp.Select:
    named = [condition.column for condition in query.conditions]
    named += [key.column for key in query.sort] + list(columns.values())
    spectra = any(c.table is Table.SPECTRUM and c.name != "spectrum" for c in named)
    join_tables(sql, spectra=spectra or query.cone is not None)
    return sql
