"""SQL statements over the three tables of the lake, or over their join."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from sqlglot import exp

from spectraldb.schema.tables import Table

ColumnReference = tuple[str, str]
"""The alias of a table and the name of a column."""


@dataclass(frozen=True)
class Statement:
    """SQL over DataProduct `d`, SpectralPixel `s` and SpectralCharacteristics `c`."""

    tree: exp.Select

    @cached_property
    def text(self) -> str:
        """The SQL, in DuckDB's dialect."""
        return self.tree.sql(dialect="duckdb", copy=False)

    @cached_property
    def column_references(self) -> list[ColumnReference]:
        """Columns that the SQL refers to, except in join conditions."""
        joins = [
            join
            for select in self.tree.find_all(exp.Select)
            for join in select.args.get("joins") or ()
        ]
        return column_references(self.tree, exclude=joins)

    def select_only(self, names: Collection[str]) -> "Statement":
        """Return the statement with only the named columns in its result."""
        tree = self.tree.copy()
        tree.set("expressions", [e for e in tree.expressions if e.alias_or_name in names])
        return Statement(tree)

    def without_order(self, row_index: str) -> "Statement":
        """Return the statement without ORDER BY and LIMIT, for input that is already sorted.

        The result has one more column, `row_index`, which must be a column of the input.
        """
        tree = self.tree.copy()
        for part in ("order", "limit"):
            tree.set(part, None)
        return Statement(tree.select(exp.column(row_index, quoted=True), copy=False))

    def over_join(self, table: str) -> str:
        """Return the SQL over one table whose columns are the structs `d`, `c` and `s`.

        Only the FROM clause differs, because ``d.fileName`` refers either to a column of the table
        `d` or to a field of the struct `d`.  Replacing text is much faster than rewriting the tree.

        Raises
        ------
        ValueError
            If the statement does not read pixels joined by `join_tables`.
        """
        for tables in _from_clauses():
            before, source, after = self.text.partition(tables)
            if source:
                return f"{before} FROM {table}{after}"
        raise ValueError(f"not over the three tables: {self.text}")


def column_references(sql: exp.Expr, exclude: Iterable[exp.Expr] = ()) -> list[ColumnReference]:
    """Return the columns that SQL refers to with a table alias, outside the excluded parts."""
    excluded = [*exclude]
    nodes = sql.walk(prune=lambda node: any(node is each for each in excluded))
    columns = (n for n in nodes if isinstance(n, exp.Column) and n.table)
    return sorted({(column.table, column.name) for column in columns})


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


@cache
def _from_clauses() -> list[str]:
    joins = (_joined(spectra=spectra) for spectra in (True, False))
    return [sql.sql(dialect="duckdb").removeprefix("SELECT") for sql in joins]


def equal(left: str, right: str, name: str) -> exp.EQ:
    """Return the condition that a column has the same value in two tables."""
    return exp.EQ(this=exp.column(name, left), expression=exp.column(name, right))
