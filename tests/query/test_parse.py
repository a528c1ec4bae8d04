"""The grammar of searches: any parameters are either a query or a clear error."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import BadQueryError
from spectraldb.query.conditions import read_condition
from spectraldb.query.operators import OPERATORS
from spectraldb.query.parse import parse_pixels, parse_products
from spectraldb.query.sql.pixels import compile_pixels
from spectraldb.query.sql.products import compile_products
from spectraldb.schema.column import Column
from spectraldb.schema.columns import searchable_columns
from spectraldb.settings import Settings

SETTINGS = Settings()
UNITS = {"fluxUnit": ["Jy", "MJy", "MJy/sr"], "surfBrightUnit": ["MJy/sr"]}
PAIRS = st.lists(st.tuples(st.text(), st.text()), max_size=4)


@given(PAIRS)
def test_any_parameters_are_a_query_or_a_clear_error(pairs: list[tuple[str, str]]) -> None:
    with contextlib.suppress(BadQueryError):
        query = parse_pixels(pairs, SETTINGS)
        assert compile_pixels(query, UNITS).statement.text.startswith("SELECT ")


@given(PAIRS)
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


def test_product_types() -> None:
    def types(*pairs: tuple[str, str]) -> frozenset[str]:
        return parse_pixels(pairs, SETTINGS).product_types

    assert types() == {"x1d"}
    assert types(("product", "all")) == {"x1d", "c1d", "x1dints", "s2d", "s3d"}
    assert types(("productType", "x1d,S3D")) == {"x1d", "s3d"}
    assert types(("product.ne", "x1d")) == {"c1d", "x1dints", "s2d", "s3d"}
    assert types(("product", "x1d"), ("product", "c1d")) == frozenset()
    assert types(("product.isnull", "false"), ("product.ne", "x1d")) == types(("product.ne", "x1d"))
    assert types(("product.isnull", "true")) == frozenset()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("flux_gte", "3", "Did you mean 'flux.gte' (in Python: flux__gte)?"),
        ("order", "1,2,3", "To match any of several values, write order.in=1,2,3."),
        ("productType.like", "x*", "a fixed set of values. Operators: eq, ne, in, isnull."),
    ],
)
def test_messages_name_what_was_meant(name: str, text: str, message: str) -> None:
    with pytest.raises(BadQueryError) as error:
        read_condition(name, text)
    assert str(error.value).endswith(message)
