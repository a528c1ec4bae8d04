"""Literals and patterns have exactly the value from which they are made."""

import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.query.sql.literals import literal, pattern

LONG = st.integers(-(2**63) + 1, 2**63 - 1)
SQL_TYPES = {float: "double", int: "bigint", bool: "boolean", str: "varchar"}


@given(st.floats(allow_nan=False, allow_infinity=False) | LONG | st.booleans() | st.text())
def test_literals_are_exact(
    duckdb_connection: DuckDBPyConnection, value: float | bool | str
) -> None:
    """The engine reads a literal as exactly its value, even if it contains quotes."""
    if isinstance(value, str) and "\0" in value:
        value = value.replace("\0", "")
    text = literal(value).sql(dialect="duckdb")
    # Compare with a column, as searches do: the number must not be converted to a decimal.
    source = f"(select $value::{SQL_TYPES[type(value)]} as v)"
    with duckdb_connection.cursor() as cursor:
        row = cursor.execute(f"select v = {text} from {source}", {"value": value}).fetchone()
    assert row == (True,), text


@pytest.mark.parametrize(
    ("like", "text", "matches"),
    [
        ("NGC*", "ngc 7469", True),
        ("%7469", "NGC 7469", True),
        ("a_c", "abc", False),
        ("a_c", "A_C", True),
        ("a\\*", "a\\b", True),
        ("", "x", False),
    ],
)
def test_patterns(
    duckdb_connection: DuckDBPyConnection, like: str, text: str, matches: bool
) -> None:
    with duckdb_connection.cursor() as cursor:
        row = cursor.execute(
            "select $text ilike $pattern escape '\\'",
            {"text": text, "pattern": pattern(like).this},
        ).fetchone()
    assert row == (matches,)
