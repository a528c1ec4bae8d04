"""Translation of statements to the SQL dialect of Spark."""

from collections.abc import Mapping

from sqlglot import exp

from spectraldb.query.sql.statement import Statement


def spark_sql(statement: Statement, tables: Mapping[str, str]) -> str:
    """Return a statement in Spark's dialect; `tables` maps tables to the names of views."""
    tree = statement.tree.copy()
    for table in tree.find_all(exp.Table):
        table.set("this", exp.to_identifier(tables[table.name]))
    _order_by_alias(tree)
    _write_doubles(tree)
    return tree.sql(dialect="spark")


def _order_by_alias(tree: exp.Select) -> None:
    """Sort by aliases, because not all engines recognise a repeated aggregate."""
    names = {e.this: e.alias for e in tree.expressions if isinstance(e, exp.Alias)}
    for key in tree.args["order"].expressions if tree.args.get("order") else ():
        if key.this in names:
            key.set("this", exp.column(names[key.this], quoted=True))


def _write_doubles(tree: exp.Select) -> None:
    """Write numbers with an exponent, which makes them doubles in all engines.

    Numbers without an exponent are decimals.  Not all engines convert these to doubles: Sail
    instead rounds the column to 15 digits after the decimal point.
    """
    for number in tree.find_all(exp.Literal):
        if number.is_number and "." in number.this and "e" not in number.this:
            number.set("this", f"{number.this}e0")
