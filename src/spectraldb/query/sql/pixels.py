"""A Query becomes SQL, as a tree: values are literals of the tree and never text."""

from dataclasses import dataclass

from sqlglot import exp

from spectraldb.query import cone
from spectraldb.query.model import Query, SortKey
from spectraldb.query.operators import OPERATORS
from spectraldb.query.sql.expressions import (
    Units,
    behind,
    column_sql,
    condition_sql,
    ordered,
    selected,
)
from spectraldb.query.sql.literals import literal
from spectraldb.query.sql.statement import Statement, join_tables
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

PIXEL_ORDER = ("productId", "spectrum", "pixel")
"""Answers come in this order: products as they were ingested, spectra and pixels as in the file."""

AGGREGATES: dict[str, Column] = {
    column.name: column
    for column in (
        Column("matched", Table.PIXEL, "long", "how many pixels of the product match"),
        Column("matchedWavelengthMin", Table.PIXEL, "float", "shortest wavelength of these", "um"),
        Column("matchedWavelengthMax", Table.PIXEL, "float", "longest wavelength of these", "um"),
        Column("matchedFluxMin", Table.PIXEL, "float", "lowest flux of these"),
        Column("matchedFluxMax", Table.PIXEL, "float", "highest flux of these"),
    )
}
"""What a grouped answer tells of the pixels that match."""

_AGGREGATE_SQL: dict[str, exp.Expr] = {
    "matched": exp.Count(this=exp.Star()),
    "matchedWavelengthMin": exp.Min(this=exp.column("wavelength", "s")),
    "matchedWavelengthMax": exp.Max(this=exp.column("wavelength", "s")),
    "matchedFluxMin": exp.Min(this=exp.column("flux", "s")),
    "matchedFluxMax": exp.Max(this=exp.column("flux", "s")),
}


@dataclass(frozen=True)
class Compiled:
    """SQL, and the columns of its answer by name.

    Its answer has more columns at its end, ``_0, _1, ...``: the keys of its order.
    """

    sql: Statement
    columns: dict[str, Column]
    descending: tuple[bool, ...]
    """For each key, whether high values come first."""


def compile_query(query: Query, units: Units) -> Compiled:
    """Return the SQL that answers a query, with one row more than its limit if it has one.

    Parameters
    ----------
    query
        The query.
    units
        The units that products have, for conditions with units.
    """
    columns = _group_columns(query) if query.group else _pixel_columns(query)
    keys, places = _order(query)
    asked = [
        _AGGREGATE_SQL[n].as_(n) if n in AGGREGATES else selected(n, c) for n, c in columns.items()
    ]
    sql = _filtered(exp.select(*asked), query, units, columns)
    if query.after is not None and not query.group:
        sql.where(behind(places, keys, query.after), copy=False)
    if query.group:
        named = [column_sql(c) for n, c in columns.items() if n not in AGGREGATES]
        sql.group_by(exp.column("productId", "d"), *named, copy=False)
        if query.after is not None:
            sql.having(behind(places, keys, query.after), copy=False)
    return Compiled(
        Statement(in_order(sql, places, keys, query.limit)),
        columns,
        tuple(key.descending for key in keys),
    )


def in_order(
    sql: exp.Select, places: list[exp.Expr], keys: list[SortKey], limit: int | None
) -> exp.Select:
    """Return a query with its rows in order, each with its place, and one more than the limit."""
    hidden = [exp.alias_(place.copy(), f"_{i}") for i, place in enumerate(places)]
    order = [ordered(place.copy(), key) for place, key in zip(places, keys, strict=True)]
    sql = sql.select(*hidden, copy=False).order_by(*order, copy=False)
    return sql if limit is None else sql.limit(limit + 1, copy=False)


def compile_count(query: Query, units: Units) -> Statement:
    """Return the SQL that counts the pixels that match, and the products they are in."""
    pixels = exp.alias_(exp.Count(this=exp.Star()), "pixels")
    product_id = exp.column("productId", "d")
    products = exp.Count(this=exp.Distinct(expressions=[product_id])).as_("products")
    return Statement(_filtered(exp.select(pixels, products), query, units, {}))


def compile_size(compiled: Compiled, texts: list[str]) -> Statement:
    """Return the SQL that counts the rows of an answer and measures its text columns, in bytes."""
    widths = [
        exp.alias_(
            exp.func(
                "coalesce",
                exp.Max(this=exp.func("strlen", exp.column(n, quoted=True))),
                exp.Literal.number(0),
            ),
            f"w{i}",
        )
        for i, n in enumerate(texts)
    ]
    rows = exp.alias_(exp.Count(this=exp.Star()), "rows", quoted=True)
    return Statement(exp.select(rows, *widths).from_(compiled.sql.tree.subquery("answer")))


def _filtered(
    sql: exp.Select, query: Query, units: Units, columns: dict[str, Column]
) -> exp.Select:
    sql = _joined(sql, query, columns)
    for condition in conditions_sql(query, units):
        sql = sql.where(condition, copy=False)
    return sql


def _pixel_columns(query: Query) -> dict[str, Column]:
    always = ["fileName", "x", "y", "wavelength"]
    if "s3d" in query.product_types:
        always.insert(3, "z")
    return {name: by_name()[name] for name in always} | dict(query.columns)


def _group_columns(query: Query) -> dict[str, Column]:
    asked = {name: c for name, c in query.columns if c.table is Table.PRODUCT}
    return {"fileName": by_name()["fileName"]} | AGGREGATES | asked


def _order(query: Query) -> tuple[list[SortKey], list[exp.Expr]]:
    """Return the keys that an answer is ordered by, and their SQL."""
    keys = list(query.sort)
    places = [_AGGREGATE_SQL.get(k.column.name) or column_sql(k.column) for k in keys]
    for name in PIXEL_ORDER[:1] if query.group else PIXEL_ORDER:
        keys.append(SortKey(Column(name, Table.PIXEL, "long", "")))
        places.append(exp.column(name, "d" if query.group else "s"))
    return keys, [place.copy() for place in places]


def _joined(sql: exp.Select, query: Query, columns: dict[str, Column]) -> exp.Select:
    named = [condition.column for condition in query.conditions]
    named += [key.column for key in query.sort] + list(columns.values())
    spectra = any(c.table is Table.SPECTRUM and c.name != "spectrum" for c in named)
    join_tables(sql, spectra=spectra or query.cone is not None)
    return sql


def conditions_sql(query: Query, units: Units) -> list[exp.Expr]:
    """Return all conditions of a query: on types of product, on columns, around a position."""
    words = tuple(exp.Literal.string(word) for word in sorted(query.product_types))
    operator = OPERATORS["eq" if len(words) == 1 else "in"]
    types = operator.sql(column_sql(by_name()["productType"]), words) if words else exp.false()
    found = [types, *(condition_sql(condition, units) for condition in query.conditions)]
    if query.cone is not None:
        found.append(cone.inside(query.cone))
    if query.products is not None:
        low, high = (literal(number) for number in query.products)
        found.append(exp.Between(this=exp.column("productId", "s"), low=low, high=high))
    return found
