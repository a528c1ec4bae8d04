"""A condition has the same meaning as a mask and in SQL, for every operator and type."""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from astropy.time import Time
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable
from spectraldb.query.conditions import column_takes, read_condition
from spectraldb.query.model import Condition, Value
from spectraldb.query.operators import OPERATORS, Operator
from spectraldb.query.sql.expressions import condition_sql
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.column import Column, lower
from spectraldb.schema.columns import columns_of
from spectraldb.schema.tables import Table
from spectraldb.segments.masks import Numbers, condition_mask
from spectraldb.segments.rows import ProductRows

INFINITE = st.sampled_from([math.inf, -math.inf])
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
FEW = st.sampled_from([0.0, -0.0, 1.0, 1.5, 5e-324, -1e308])
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "float": FEW | DOUBLES,
    "int": st.integers(-(2**31), 2**31 - 1) | st.integers(-2, 2),
    "long": st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
    "bool": st.booleans(),
    "string": st.text("aAbB_ -%*\\İßΣ", max_size=4),
}


def columns() -> list[Column]:
    """Return one column of DataProduct for each type that it has, and more text columns."""
    by_type: dict[str, Column] = {}
    for column in columns_of(Table.PRODUCT):
        if column.searchable and not column.allowed_values and not column.is_date:
            by_type.setdefault(f"{column.dtype}{column.ignores_separators}", column)
    return list(by_type.values())


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Draw a condition on a column of the product."""
    column = draw(st.sampled_from(columns()))
    operator = draw(st.sampled_from([o for o in OPERATORS.values() if column_takes(column, o)]))
    return Condition(column, operator, draw(operands(column, operator)), column.name)


def operands(column: Column, operator: Operator) -> st.SearchStrategy[tuple[Value, ...]]:
    """Draw the values of a condition."""
    if operator.tests_presence:
        return st.tuples(st.booleans())
    value = VALUES[column.dtype]
    if column.dtype in ("int", "long"):
        value = value | FEW | st.integers(-(2**62), 2**62)
    n = {"one": (1, 1), "two": (2, 2), "some": (1, 3)}[operator.takes]
    drawn = st.lists(value, min_size=n[0], max_size=n[1])
    return drawn.map(sorted).map(tuple) if operator.takes == "two" else drawn.map(tuple)


@settings(max_examples=500, deadline=None)
@given(condition=conditions(), data=st.data())
def test_mask_agrees_with_sql(
    duckdb_connection: DuckDBPyConnection, condition: Condition, data: st.DataObject
) -> None:
    column = condition.column
    stored = VALUES[column.dtype] | (INFINITE if column.dtype == "float" else st.none())
    values = data.draw(st.lists(st.none() | stored | _like_operands(condition), max_size=6))
    assert_same(duckdb_connection, condition, values)


def assert_same(
    connection: DuckDBPyConnection, condition: Condition, values: list[Value | None]
) -> None:
    """Assert that a condition selects the same values as a mask and in SQL."""
    table = _products(condition.column, values)
    found = condition_mask(condition, ProductRows(ProductTable(table), np.arange(len(table))), ())
    sql = exp.select("productId").from_("rows AS d").where(condition_sql(condition, {}))
    with connection.cursor() as cursor:
        cursor.register("rows", table)
        expected = {row for (row,) in cursor.sql(sql.sql(dialect="duckdb")).fetchall()}
    assert set(np.flatnonzero(found).tolist()) == expected


DATES = ("2023", "2023-02", "2023-02-01", "2023-02-01T12:30", "2023-02-01T12:30:15.5Z", "2024")
MOMENTS = ["2023-01-31", "2023-02-01T12:30:15.500", "2023-02-01T12:30:15.6", "2024-01-01", None]


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(["dateObs", "dateMade", "expStart"]),
    key=st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "isnull"]),
    texts=st.lists(st.sampled_from(DATES), min_size=2, max_size=2),
)
def test_mask_of_dates_agrees_with_sql(
    duckdb_connection: DuckDBPyConnection, name: str, key: str, texts: list[str]
) -> None:
    one = "true" if key == "isnull" else texts[0]
    text = ",".join(sorted(texts)) if key in ("between", "in") else one
    condition = read_condition(f"{name}.{key}", text)
    values: list[Value | None] = list(MOMENTS)
    if condition.column.dtype == "float":
        values = [text and float(Time(text).mjd) for text in MOMENTS]
    assert_same(duckdb_connection, condition, values)


def _like_operands(condition: Condition) -> st.SearchStrategy[Value | None]:
    """Draw the values of the condition, so that some rows are equal to them."""
    dtype = condition.column.dtype
    fits = [v for v in condition.values if dtype not in ("int", "long") or isinstance(v, int)]
    if dtype == "int":
        fits = [value for value in fits if abs(value) < 2**31]  # type: ignore[arg-type]
    if condition.operator.tests_presence or not fits:
        return st.none()
    return st.sampled_from(fits)


def _products(column: Column, values: list[Value | None]) -> pa.Table:
    schema = SCHEMAS[Table.PRODUCT]
    columns = {
        field.name: pa.array(values, field.type)
        if field.name == column.name
        else pa.array(range(len(values)), field.type)
        if field.name == "productId"
        else pa.nulls(len(values), field.type)
        for field in schema
    }
    return pa.table(columns)


def test_intervals_contain_the_numbers_that_match() -> None:
    numbers = np.array([-math.inf, -1.0, -5e-324, 0.0, 5e-324, 1.0, math.inf])
    for operator in OPERATORS.values():
        if operator.is_interval:
            for value in numbers.tolist():
                values = [value] if operator.takes == "one" else [value, max(value, 1.0)]
                assert operator.bounds is not None
                low, high = operator.bounds(values)
                within = (numbers >= low) & (numbers <= high)
                assert within.tolist() == operator.mask(numbers, values).tolist(), operator.key


def test_lower_case_is_that_of_duckdb(duckdb_connection: DuckDBPyConnection) -> None:
    texts = [chr(i) for i in range(1, 0x110000) if not 0xD800 <= i < 0xE000]
    texts += ["ΟΔΟΣ", "İSTANBUL", "Größe"]
    with duckdb_connection.cursor() as cursor:
        cursor.register("texts", pa.table({"text": texts}))
        expected = cursor.sql("select lower(text) from texts").fetchall()
    assert [lower(text) for text in texts] == [text for (text,) in expected]


@dataclass(frozen=True)
class SinglePrecision:
    """Rows of single-precision numbers, as segments store those that fit."""

    products: ProductTable
    product_index: Array

    def numbers(self, _: str) -> Numbers:
        """Return 0.1 in single precision, which is above 0.1 in double precision."""
        return Numbers(np.full(len(self.product_index), 0.1, np.float32))

    def texts(self, name: str) -> pa.DictionaryArray:
        """Raise KeyError."""
        raise KeyError(name)


@pytest.mark.parametrize(("key", "matches"), [("eq", False), ("gt", True), ("lte", False)])
def test_numbers_are_compared_in_double_precision(key: str, *, matches: bool) -> None:
    rows = SinglePrecision(ProductTable(SCHEMAS[Table.PRODUCT].empty_table()), np.zeros(3, int))
    mask = condition_mask(read_condition(f"flux.{key}", "0.1"), rows, ())
    assert mask.tolist() == [matches] * 3
