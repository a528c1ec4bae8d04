"""A search for products by what they and their spectra are, as SQL: no pixel is looked at."""

from sqlglot import exp

from spectraldb.query.model import Query, SortKey
from spectraldb.query.sql.expressions import Units, behind, column_sql, selected
from spectraldb.query.sql.pixels import Compiled, conditions_sql, in_order
from spectraldb.query.sql.statement import Statement, equal
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

MATCHED = Column(
    "matchedSpectra",
    Table.SPECTRUM,
    "long",
    "how many spectra of the product fulfil all conditions on spectra",
    ucd="meta.number",
)
"""What each product tells besides its own columns; without such a condition it is nSpectra."""

PRODUCT_COLUMNS: dict[str, Column] = {
    name: MATCHED if name == MATCHED.name else by_name()[name]
    for name in (
        "uri",
        "fileName",
        "productType",
        "targetName",
        "targetRA",
        "targetDec",
        "instrument",
        "filter",
        "grating",
        "channel",
        "productWavelengthMin",
        "productWavelengthMax",
        "nSpectra",
        "matchedSpectra",
        "nStored",
    )
}
"""What a search for products always answers with."""

_NUMBER = Column("productId", Table.PRODUCT, "long", "")


def compile_products(query: Query, units: Units) -> Compiled:
    """Return the SQL that answers a search for products, with one row more than its limit.

    All conditions on spectra, and the circle, are those of one spectrum: a product is joined
    with its spectra, and those that are left are counted.
    """
    spectra = query.cone is not None or any(
        condition.column.table is Table.SPECTRUM for condition in query.conditions
    )
    matched = exp.Count(this=exp.Star()) if spectra else column_sql(by_name()["nSpectra"])
    columns = PRODUCT_COLUMNS | {n: c for n, c in query.columns if c.table is Table.PRODUCT}
    keys = [*query.sort, SortKey(_NUMBER)]
    places = [matched if k.column is MATCHED else column_sql(k.column) for k in keys]
    asked = [exp.alias_(matched, n) if c is MATCHED else selected(n, c) for n, c in columns.items()]
    sql = exp.select(*asked).from_(exp.alias_(exp.to_table(Table.PRODUCT.value), "d", table=True))
    for condition in conditions_sql(query, units):
        sql = sql.where(_of_spectra(condition), copy=False)
    if spectra:
        sql = _joined(sql, [column_sql(c) for c in columns.values() if c is not MATCHED])
    if query.after is not None:
        place = behind(places, keys, query.after)
        sql = sql.having(place) if spectra else sql.where(place)
    ordered = Statement(in_order(sql, places, keys, query.limit))
    return Compiled(ordered, columns, tuple(key.descending for key in keys))


def _joined(sql: exp.Select, columns: list[exp.Expr]) -> exp.Select:
    """Return a query of products joined with their spectra, a row a product."""
    spectra = exp.alias_(exp.to_table(Table.SPECTRUM.value), "c", table=True)
    sql = sql.join(spectra, on=equal("c", "d", "productId"))
    return sql.group_by(column_sql(_NUMBER), *columns)


def _of_spectra(condition: exp.Expr) -> exp.Expr:
    """Return a condition whose number of a spectrum is the spectrum's: no pixels are joined."""
    for column in condition.find_all(exp.Column):
        if column.table == "s":
            column.set("table", exp.to_identifier("c"))
    return condition
