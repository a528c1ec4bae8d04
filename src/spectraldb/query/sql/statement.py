"""A query as SQL: over the lake's three tables, or over their join."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from sqlglot import exp

from spectraldb.schema.tables import Table

Name = tuple[str, str]
"""The alias of a table, as queries have it, and a column of it."""


@dataclass(frozen=True)
class Statement:
    """SQL over DataProduct `d`, SpectralPixel `s` and SpectralCharacteristics `c`."""

    tree: exp.Select

    @cached_property
    def text(self) -> str:
        """The SQL as DuckDB reads it."""
        return self.tree.sql(dialect="duckdb", copy=False)

    def in_dialect(self, dialect: str, tables: Mapping[str, str]) -> str:
        """Return the SQL as another engine reads it, whose tables have other names."""
        tree = self.tree.copy()
        for table in tree.find_all(exp.Table):
            table.set("this", exp.to_identifier(tables[table.name]))
        # By their names: not every engine knows an aggregate again that it is to order by.
        names = {e.this: e.alias for e in tree.expressions if isinstance(e, exp.Alias)}
        for key in tree.args["order"].expressions if tree.args.get("order") else ():
            if key.this in names:
                key.set("this", exp.column(names[key.this], quoted=True))
        # With an exponent they are doubles everywhere.  Without one they are decimals, and not
        # every engine makes doubles of these: Sail rounds the column to 15 places instead.
        for number in tree.find_all(exp.Literal):
            if number.is_number and "." in number.this and "e" not in number.this:
                number.set("this", f"{number.this}e0")
        return tree.sql(dialect=dialect)

    @cached_property
    def names(self) -> list[Name]:
        """The columns that it names, but for those that the tables are joined by."""
        joins = [
            join
            for select in self.tree.find_all(exp.Select)
            for join in select.args.get("joins") or ()
        ]
        return names_of(self.tree, besides=joins)

    def only(self, names: Collection[str]) -> "Statement":
        """Return the SQL with only some of the columns of its answer."""
        tree = self.tree.copy()
        tree.set("expressions", [e for e in tree.expressions if e.alias_or_name in names])
        return Statement(tree)

    def as_they_come(self, place: str) -> "Statement":
        """Return the SQL without its order and limit, for rows that come in its order.

        Its answer has one more column, from the table that it is run over: the place of each row.
        """
        tree = self.tree.copy()
        for part in ("order", "limit"):
            tree.set(part, None)
        return Statement(tree.select(exp.column(place, quoted=True), copy=False))

    def over(self, table: str) -> str:
        """Return the SQL over one table, whose columns are structs: `d`, `c` and `s`.

        ``d.fileName`` is a column of the table `d` in the one and a field of the struct `d` in
        the other: only what is read from is another.  To rewrite the tree takes much longer.

        Raises
        ------
        ValueError
            If it is not over pixels, joined by `join_tables`.
        """
        for tables in _sources():
            before, source, after = self.text.partition(tables)
            if source:
                return f"{before} FROM {table}{after}"
        raise ValueError(f"not over the three tables: {self.text}")


def names_of(sql: exp.Expr, besides: Iterable[exp.Expr] = ()) -> list[Name]:
    """Return the columns that SQL names with the alias of their table, besides some parts of it."""
    left_out = [*besides]
    nodes = sql.walk(prune=lambda node: any(node is each for each in left_out))
    columns = (n for n in nodes if isinstance(n, exp.Column) and n.table)
    return sorted({(column.table, column.name) for column in columns})


def join_tables(sql: exp.Select, *, spectra: bool) -> None:
    """Let SQL read from the tables joined: products and pixels, and if asked spectra."""
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
def _sources() -> list[str]:
    sources = (_joined(spectra=spectra) for spectra in (True, False))
    return [sql.sql(dialect="duckdb").removeprefix("SELECT") for sql in sources]


def equal(left: str, right: str, name: str) -> exp.EQ:
    """Return the condition that a column is the same in two tables."""
    return exp.EQ(this=exp.column(name, left), expression=exp.column(name, right))
