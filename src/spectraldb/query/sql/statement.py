"""SQL statements over the three tables of the lake."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property

from sqlglot import exp

from spectraldb.schema.tables import Table


@dataclass(frozen=True)
class Statement:
    """SQL over DataProduct `d`, SpectralPixel `s` and SpectralCharacteristics `c`."""

    tree: exp.Select

    @cached_property
    def text(self) -> str:
        """The SQL, in DuckDB's dialect."""
        return self.tree.sql(dialect="duckdb", copy=False)

    def select_only(self, names: Collection[str]) -> "Statement":
        """Return the statement with only the named columns in its result."""
        tree = self.tree.copy()
        tree.set("expressions", [e for e in tree.expressions if e.alias_or_name in names])
        return Statement(tree)


def join_tables(sql: exp.Select, *, spectra: bool) -> None:
    """Set the FROM clause of SQL to the join of products, pixels and optionally spectra."""
    tables = _joined(spectra=spectra).copy()
    for part in ("from_", "joins"):
        sql.set(part, tables.args[part])


@cache
def _joined(*, spectra: bool) -> exp.Select:
    sql = exp.select().from_(exp.alias_(exp.to_table(Table.PRODUCT.value), "d", table=True))
    if spectra:
        sql = sql.join(
            exp.alias_(exp.to_table(Table.SPECTRUM.value), "c", table=True),
            on=equal("c", "d", "productId"),
        )
        on = [equal("s", "c", "productId"), equal("s", "c", "spectrum")]
    else:
        on = [equal("s", "d", "productId")]
    pixels = exp.alias_(exp.to_table(Table.PIXEL.value), "s", table=True)
    return sql.join(pixels, on=exp.and_(*on))


def equal(left: str, right: str, name: str) -> exp.EQ:
    """Return the condition that a column has the same value in two tables."""
    return exp.EQ(this=exp.column(name, left), expression=exp.column(name, right))
