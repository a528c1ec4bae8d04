"""Compilation of searches for products to SQL, which reads no pixels."""

from sqlglot import exp

from spectraldb.query.model import ProductQuery, SortKey
from spectraldb.query.result_columns import MATCHED_SPECTRA, PRODUCT_COLUMNS
from spectraldb.query.sql.expressions import Units, after_page, column_sql, select_as
from spectraldb.query.sql.pixels import CompiledQuery, sort_and_limit, where_conditions
from spectraldb.query.sql.statement import Statement, equal
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

_PRODUCT_ID = Column("productId", Table.PRODUCT, "long", "")


def compile_products(query: ProductQuery, units: Units) -> CompiledQuery:
    """Compile a search for products; the SQL returns one row more than the limit, if there is one.

    All conditions on spectra, and the cone, must hold for the same spectrum: the SQL joins products
    with their spectra, and counts the spectra that match.
    """
    spectra = query.cone is not None or any(
        condition.column.table is Table.SPECTRUM for condition in query.conditions
    )
    matched = exp.Count(this=exp.Star()) if spectra else column_sql(by_name()["nSpectra"])
    columns = PRODUCT_COLUMNS | {n: c for n, c in query.columns if c.table is Table.PRODUCT}
    keys = [*query.sort, SortKey(_PRODUCT_ID)]
    key_columns = [
        matched if key.column is MATCHED_SPECTRA else column_sql(key.column) for key in keys
    ]
    selected = [
        exp.alias_(matched, name) if column is MATCHED_SPECTRA else select_as(name, column)
        for name, column in columns.items()
    ]
    sql = exp.select(*selected).from_(_table(Table.PRODUCT, "d"))
    for condition in where_conditions(query, units):
        sql = sql.where(_on_spectra(condition), copy=False)
    if spectra:
        sql = _grouped(sql, [column_sql(c) for c in columns.values() if c is not MATCHED_SPECTRA])
    if query.after is not None:
        after = after_page(key_columns, keys, query.after)
        sql = sql.having(after) if spectra else sql.where(after)
    statement = Statement(sort_and_limit(sql, key_columns, keys, query.limit))
    return CompiledQuery(lambda: statement, columns, tuple(key.descending for key in keys))


def _table(table: Table, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(table.value), alias, table=True)


def _grouped(sql: exp.Select, columns: list[exp.Expr]) -> exp.Select:
    """Join products with their spectra, and group the rows by product."""
    sql = sql.join(_table(Table.SPECTRUM, "c"), on=equal("c", "d", "productId"))
    return sql.group_by(column_sql(_PRODUCT_ID), *columns)


def _on_spectra(condition: exp.Expr) -> exp.Expr:
    """Make a condition on the index of a spectrum read the table of spectra, not the pixels."""
    for column in condition.find_all(exp.Column):
        if column.table == "s":
            column.set("table", exp.to_identifier("c"))
    return condition
