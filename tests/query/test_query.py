"""The grammar: what is written comes through, whatever it is."""

import contextlib
import math

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import BadQueryError
from spectraldb.query.model import PageToken
from spectraldb.query.operators import OPERATORS
from spectraldb.query.paging import decode_token, encode_token
from spectraldb.query.parse import parse_pixels, parse_products
from spectraldb.query.sql.literals import literal as _literal
from spectraldb.query.sql.literals import pattern as _pattern
from spectraldb.query.sql.pixels import CompiledQuery, compile_pixels
from spectraldb.query.sql.products import compile_products
from spectraldb.query.values import split
from spectraldb.schema.column import Column
from spectraldb.schema.columns import searchable_columns
from spectraldb.settings import Settings

SETTINGS = Settings()
VERSION = st.integers(0, 2**63 - 1)
LONG = st.integers(-(2**63) + 1, 2**63 - 1)


UNITS = {"fluxUnit": ["Jy", "MJy", "MJy/sr"], "surfBrightUnit": ["MJy/sr"]}


def compiled(*pairs: tuple[str, str]) -> CompiledQuery:
    return compile_pixels(parse_pixels(pairs, SETTINGS), UNITS)


def sql_of(*pairs: tuple[str, str]) -> str:
    return compiled(*pairs).statement.text


@given(st.floats(allow_nan=False, allow_infinity=False) | LONG | st.booleans() | st.text())
def test_literals_are_exact(value: float | bool | str) -> None:
    """A literal of the tree is the very value to the engine; quotes end nothing."""
    if isinstance(value, str) and "\0" in value:
        value = value.replace("\0", "")
    text = _literal(value).sql(dialect="duckdb")
    # Compared with a column, as in a search: a number must not pass through a decimal.
    kind = {float: "double", int: "bigint", bool: "boolean", str: "varchar"}[type(value)]
    with duckdb.connect() as connection:
        row = connection.execute(
            f"select v = {text} from (select $value::{kind} as v)", {"value": value}
        ).fetchone()
    assert row == (True,), text


@given(
    VERSION,
    st.lists(
        LONG | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.none(), min_size=1
    ),
)
def test_page_token_round_trip(version: int, values: list[float | str | None]) -> None:
    token = PageToken(version, tuple(values))
    assert decode_token(encode_token(token)) == token


@given(st.text())
def test_any_text_is_a_page_token_or_a_clear_error(text: str) -> None:
    with contextlib.suppress(BadQueryError):
        assert isinstance(decode_token(text), PageToken)


@given(st.lists(st.tuples(st.text(), st.text()), max_size=4))
def test_any_parameters_are_a_query_or_a_clear_error(pairs: list[tuple[str, str]]) -> None:
    with contextlib.suppress(BadQueryError):
        assert compiled(*pairs).statement.text.startswith("SELECT ")


@given(st.lists(st.tuples(st.text(), st.text()), max_size=4))
def test_any_parameters_search_products_or_are_a_clear_error(pairs: list[tuple[str, str]]) -> None:
    with contextlib.suppress(BadQueryError):
        query = parse_products(pairs, SETTINGS)
        assert compile_products(query, UNITS).statement.text.startswith("SELECT ")


@given(
    st.sampled_from(sorted(searchable_columns(), key=lambda c: c.name)),
    st.sampled_from(["", *(f".{key}" for key in OPERATORS)]),
    st.text(),
)
def test_any_value_is_a_query_or_a_clear_error(column: Column, key: str, value: str) -> None:
    with contextlib.suppress(BadQueryError):
        query = parse_pixels([(column.name + key, value)], SETTINGS)
        assert column.name in compile_pixels(query, UNITS).columns


@pytest.mark.parametrize(
    ("text", "values"),
    [("a,b", ["a", "b"]), ('"a,b",c', ["a,b", "c"]), (" a , b ", ["a", "b"]), ("a", ["a"])],
)
def test_lists_of_values(text: str, values: list[str]) -> None:
    assert split(text) == values


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("NGC*", "ngc 7469", True),
        ("%7469", "NGC 7469", True),
        ("a_c", "abc", False),
        ("a_c", "A_C", True),
        ("a\\*", "a\\b", True),
        ("", "x", False),
    ],
)
def test_patterns(pattern: str, text: str, matches: bool) -> None:
    with duckdb.connect() as connection:
        row = connection.execute(
            "select $text ilike $pattern escape '\\'",
            {"text": text, "pattern": _pattern(pattern).this},
        ).fetchone()
    assert row == (matches,)


def test_no_parameters_select_every_x1d_pixel() -> None:
    assert sql_of().endswith(
        "FROM DataProduct AS d JOIN SpectralPixel AS s ON s.productId = d.productId "
        "WHERE d.productType = 'x1d' ORDER BY s.productId, s.spectrum, s.pixel LIMIT 1001"
    )


def test_the_archives_example() -> None:
    sql = sql_of(("wavelength", "1.2,1.3"), ("flux.gte", "10"), ("derSnr.gt", "5"))
    assert "s.wavelength BETWEEN 1.2 AND 1.3" in sql
    assert "s.flux >= 10.0" in sql
    assert "c.derSnr > 5.0" in sql


def test_product_types() -> None:
    def types(*pairs: tuple[str, str]) -> frozenset[str]:
        return parse_pixels(pairs, SETTINGS).product_types

    assert types() == {"x1d"}
    assert types(("product", "all")) == {"x1d", "c1d", "x1dints", "s2d", "s3d"}
    assert types(("productType", "x1d,S3D")) == {"x1d", "s3d"}
    assert types(("product.ne", "x1d")) == {"c1d", "x1dints", "s2d", "s3d"}
    assert types(("product", "x1d"), ("product", "c1d")) == frozenset()
    assert "FALSE" in sql_of(("product", "x1d"), ("product", "c1d"))


def test_a_column_is_returned_under_the_requested_alias() -> None:
    answer = compiled(("quality", "0"), ("columns", "[dq,targetRa]"))
    assert list(answer.columns) == [
        "fileName",
        "x",
        "y",
        "wavelength",
        "quality",
        "dq",
        "targetRa",
    ]
    assert 's.dq AS "quality"' in answer.statement.text


@pytest.mark.parametrize("column", list(searchable_columns()), ids=lambda column: column.name)
def test_every_column_is_a_condition_and_an_answer(column: Column) -> None:
    assert column.name in compiled((column.name, column.example)).columns
    assert column.name in compiled(("columns", column.name)).columns


def test_whole_numbers_stay_exact() -> None:
    assert str(2**62 + 1) in sql_of(("sourceId", str(2**62 + 1)))
    assert "s.dq = 1 " in sql_of(("dq", "1e0"))
    assert "s.x > 1.5" in sql_of(("x.gt", "1.5"))


@pytest.mark.parametrize(
    ("pair", "sql"),
    [
        (("wavelength", "12000,13000 Angstrom"), "s.wavelength BETWEEN 1.2 AND 1.3"),
        (("wavelength.gt", "1200 nm"), "s.wavelength > 1.2"),
        (("wavelength.in", "1 um, 2 um"), "s.wavelength IN (1.0, 2.0)"),
        (
            ("flux.gte", "3 mJy"),
            "((d.fluxUnit = 'Jy' AND s.flux >= 0.003) OR (d.fluxUnit = 'MJy' AND s.flux >= 3e-09))",
        ),
        (("flux.gte", "10 MJy/sr"), "(d.fluxUnit = 'MJy/sr' AND s.flux >= 10.0)"),
        (("surfBright.gte", "10 Jy/arcsec2"), "d.surfBrightUnit = 'MJy/sr' AND s.surfBright >= "),
        (("flux.gte", "10 s"), "AND FALSE"),
        (("flux.gte", "1e-3"), "s.flux >= 0.001"),
        (("snr.gt", "5"), "(s.flux / NULLIF(s.fluxErr, 0)) > 5.0"),
    ],
)
def test_units(pair: tuple[str, str], sql: str) -> None:
    assert sql in sql_of(pair)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("wavelength", "1 Jy"), "cannot be converted to um"),
        (("wavelength", "1 parrot"), "is no unit"),
        (("x", "1 um"), "x has no unit"),
        (("wavelength", "1 um,2 nm"), "one unit"),
        (("flux.gt", "3 mJyy"), "is no unit"),
    ],
)
def test_wrong_units(pair: tuple[str, str], message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        parse_pixels([pair], SETTINGS)


def test_infinity_is_no_value() -> None:
    with pytest.raises(BadQueryError, match="finite"):
        parse_pixels([("flux", str(math.inf))], SETTINGS)
