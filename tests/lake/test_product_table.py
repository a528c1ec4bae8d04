"""The products as columns: rows of numbers, masks of units and texts, values as dictionaries."""

import numpy as np
import pyarrow as pa
import pytest

from spectraldb.lake.product_table import ProductTable, encode, values_at
from tests.support.rows import product_record, product_rows

NAMES = ["Trapezium", "TRAPEZIUM", None, "Ω Cen", "NGC 1333"]
RECORDS = [
    product_record(number, targetName=name, fluxUnit=unit)
    for number, name, unit in zip(
        (2, 3, 5, 8, 13), NAMES, ("Jy", None, "MJy", "Jy", ""), strict=True
    )
]


@pytest.fixture
def table() -> ProductTable:
    return ProductTable(product_rows(*RECORDS))


def test_rows_of_numbers(table: ProductTable) -> None:
    found = table.row_index(np.array([13, 2, 4, 0, 99, 5]))
    assert found.tolist() == [4, 0, -1, -1, -1, 2]
    assert ProductTable(product_rows()).row_index(np.array([1, 2])).tolist() == [-1, -1]


def test_masks_of_units(table: ProductTable) -> None:
    assert table.has_unit("fluxUnit", "Jy").tolist() == [True, False, False, True, False]
    assert not table.has_unit("fluxUnit", "mag").any()
    assert table.has_unit("fluxUnit", "Jy") is table.has_unit("fluxUnit", "Jy")


def test_texts_of_any_case(table: ProductTable) -> None:
    assert table.rows_with_text("targetName", ["trapezium"]).tolist() == [0, 1]
    assert table.rows_with_text("targetName", ["ωcen", "ngc1333", "trapezium"]).tolist() == [
        *(0, 1, 3, 4)
    ]
    assert table.rows_with_text("fileName", ["nothing"]).tolist() == []


def test_numbers_of_a_column(table: ProductTable) -> None:
    assert table.numbers("productId").tolist() == [2, 3, 5, 8, 13]
    assert np.isnan(table.numbers("pixelArea")).all()


def test_text_columns_remain_dictionaries(table: ProductTable) -> None:
    values = table.values("targetName", np.array([4, 0, 0, 2]))
    assert isinstance(values, pa.DictionaryArray)
    assert values.to_pylist() == ["NGC 1333", "Trapezium", "Trapezium", None]
    assert table.values("productId", np.array([1, 0])).to_pylist() == [3, 2]


def test_encoding_of_several_chunks() -> None:
    text = pa.chunked_array([["a", "b"], ["a", None]])
    assert encode(text).to_pylist() == ["a", "b", "a", None]
    assert encode(pa.chunked_array([[1], [2]])).equals(pa.array([1, 2]))
    assert values_at(pa.array([5, 6, 7]), np.array([2, 0])).to_pylist() == [7, 5]
