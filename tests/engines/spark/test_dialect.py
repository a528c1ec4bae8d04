"""Translation to the SQL dialect of Spark."""

from spectraldb.engines.spark.dialect import spark_sql
from spectraldb.query.parse import parse_pixels
from spectraldb.query.sql.pixels import compile_pixels
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings


def sql_of(*pairs: tuple[str, str]) -> str:
    """Return the SQL of a search over views named after their tables, with a digit appended."""
    statement = compile_pixels(parse_pixels(pairs, Settings()), {}).statement
    return spark_sql(statement, {table.value: f"{table.value}1" for table in Table})


def test_numbers_are_doubles() -> None:
    # For Sail, 1.3 is a decimal: it would round 1.3000000000000003 in a column to 1.3.
    text = sql_of(("wavelength", "1.2,1.3"), ("flux.lt", "-0.5"), ("x", "7"))
    assert "BETWEEN 1.2e0 AND 1.3e0) AND s.flux < -0.5e0) AND s.x = 7 " in text


def test_tables_are_the_views_of_the_session() -> None:
    assert " FROM DataProduct1 AS d JOIN SpectralPixel1 AS s " in sql_of()


def test_aggregates_are_sorted_by_their_name() -> None:
    text = sql_of(("group", "True"), ("sort_by", "-matched"))
    assert text.endswith(" ORDER BY `_0` DESC, `_1` NULLS LAST LIMIT 1001")
