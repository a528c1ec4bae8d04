"""Partial reads of Parquet files: product numbers, and rows of selected products."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.maintenance.parquet_reader import product_ids_in, rows_of_products
from tests.support.rows import pixel_rows

IDS = (3, 5, 6, 9)
ROWS = pa.concat_tables(pixel_rows(n, [float(i) for i in range(7)]) for n in IDS)


@pytest.fixture(params=[1, 5, 7, 10, 100])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[io.RawIOBase]:
    """Yield a file with row groups of several sizes."""
    path = tmp_path / "a.parquet"
    pq.write_table(ROWS, path, row_group_size=request.param)
    with path.open("rb", buffering=0) as opened:
        yield opened


def test_product_numbers(file: io.RawIOBase) -> None:
    assert product_ids_in(file) == frozenset(IDS)


@pytest.mark.parametrize("wanted", [[5], [9, 3], [4], [], [3, 5, 6, 9, 10]])
def test_rows_of_products(file: io.RawIOBase, wanted: list[int]) -> None:
    tables = [ROWS.schema.empty_table(), *rows_of_products(file, wanted, ROWS.schema)]
    expected = [row for row in ROWS.to_pylist() if row["productId"] in wanted]
    assert pa.concat_tables(tables).to_pylist() == expected


def test_only_row_groups_of_these_products_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(ROWS, path, row_group_size=7)
    read, groups = pq.ParquetFile.read_row_group, []

    def recorded(self: pq.ParquetFile, group: int, *args: object, **kwargs: object) -> pa.Table:
        groups.append(group)
        return read(self, group, *args, **kwargs)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", recorded)
    with path.open("rb", buffering=0) as opened:
        list(rows_of_products(opened, [5, 9], ROWS.schema))
        assert groups == [1, 3]
        groups.clear()
        assert product_ids_in(opened) == frozenset(IDS)
        assert groups == []


@given(st.lists(st.integers(0, 8), min_size=1, max_size=30), st.sets(st.integers(0, 8)))
def test_any_rows(ids: list[int], wanted: set[int]) -> None:
    schema = pa.schema([("productId", pa.int64())])
    buffer = io.BytesIO()
    pq.write_table(pa.table({"productId": ids}, schema), buffer, row_group_size=4)
    tables = [schema.empty_table(), *rows_of_products(buffer, wanted, schema)]  # type: ignore[arg-type]  # it reads as a raw file does
    assert pa.concat_tables(tables)["productId"].to_pylist() == [n for n in ids if n in wanted]
