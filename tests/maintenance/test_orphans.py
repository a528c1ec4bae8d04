"""Orphans: candidate files from counts in the log, and the orphans in these files."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.lake.lake import Lake
from spectraldb.lake.table_files import TableFile
from spectraldb.maintenance.orphans import (
    OrphanFinder,
    files_with_orphans,
    read_product_ids,
    retained_products,
)
from spectraldb.schema.tables import Table
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.store import Store
from tests.maintenance.lakes import table_file
from tests.support.rows import commit_product, pixel_rows, write_product, write_rows


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(FolderStore(tmp_path), create=True)


def retained(n_stored: Mapping[int, int], product_type: str = "x1d") -> pa.Table:
    """Return the retained products with their numbers of rows in SpectralPixel."""
    n = len(n_stored)
    columns: tuple[Iterable[object], ...] = (
        n_stored.keys(),
        [product_type] * n,
        [1] * n,
        n_stored.values(),
    )
    arrays = (
        pa.array(list(values), kind)
        for values, kind in zip(
            columns, (pa.int64(), pa.string(), pa.int64(), pa.int64()), strict=True
        )
    )
    return pa.table(list(arrays), ["productId", "productType", "nSpectra", "nStored"])


def candidates(*files: TableFile) -> list[str]:
    """Return the files that can contain products other than 1, 2, 5 and 6, of 10 pixels each."""
    products = retained({5: 10, 1: 10, 2: 10, 6: 10})
    products = pa.concat_tables([products, retained({3: 10}, "s3d")])
    return [file.path for file in files_with_orphans(files, products, Table.PIXEL)]


def file(path: str, rows: int, low: int, high: int | None = None) -> TableFile:
    return table_file(path, rows, low, max_id=high)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([file("a", 20, 1, 2), file("b", 20, 5, 6)], []),
        ([file("a", 10, 1), file("b", 17, 2, 6)], ["b"]),
        ([file("a", 10, 1), file("b", 20, 2, 6), file("c", 10, 5)], []),
        ([file("a", 25, 1, 2), file("b", 20, 5, 6)], ["a"]),
        ([file("a", 25, 1, 6), file("b", 20, 2, 5)], ["a", "b"]),
        ([file("a", 20, 1, 6), file("b", 20, 2, 5)], []),
        ([file("a", 10, 3), table_file("b", 10, 3, "s3d"), file("c", 9, 4)], ["a", "c"]),
        ([], []),
    ],
)
def test_counts_in_the_log_reveal_files_with_orphans(
    files: list[TableFile], expected: list[str]
) -> None:
    assert candidates(*files) == expected


@given(st.lists(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1), max_size=6))
def test_no_file_with_orphans_is_missed(contents: list[list[tuple[int, bool]]]) -> None:
    """Files contain products of random sizes, numbered in order, some of which are retained."""
    number, files, products = 0, [], {}
    with_orphans = set()
    for index, content in enumerate(contents):
        first = number + 1
        for rows, is_retained in content:
            number += 1
            if is_retained:
                products[number] = rows
            else:
                with_orphans.add(str(index))
        files.append(file(str(index), sum(rows for rows, _ in content), first, number))
    found = {f.path for f in files_with_orphans(files, retained(products), Table.PIXEL)}
    assert found == with_orphans


def test_products_of_all_versions_are_retained(store: Store) -> None:
    lake = Lake(store, create=True)
    assert len(retained_products(store)) == 0
    first = commit_product(lake, 1)
    commit_product(lake, 2, productType="s3d", nStored=5)
    commit_product(lake, 3, fileName=first.file_name)
    rows = retained_products(store).sort_by("productId").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (1, "x1d", 1, 3),
        (2, "s3d", 1, 5),
        (3, "x1d", 1, 3),
    ]
    lake.compact_products(keep_days=0)
    assert set(retained_products(store)["productId"].to_pylist()) == {2, 3}


def test_checkpoints_are_not_products(lake: Lake) -> None:
    commit_product(lake, 1)
    lake._snapshots.tables[Table.PRODUCT].create_checkpoint()
    assert retained_products(lake.store)["productId"].to_pylist() == [1]


def finder(lake: Lake, grace: float = 0) -> tuple[OrphanFinder, list[TableFile]]:
    files = lake.table_files(Table.PIXEL)
    return OrphanFinder.of(lake, Table.PIXEL, files, grace), files


def test_orphans_in_a_file(lake: Lake) -> None:
    commit_product(lake, 1)
    rows = pa.concat_tables([pixel_rows(n, [1.0, 2.0]) for n in (7, 8)])
    lake.commit([write_rows(lake.store, Table.PIXEL, rows)], [])
    orphans, files = finder(lake)
    found = {f.min_id: orphans.in_file(f) for f in files}
    assert found == {1: frozenset(), 7: frozenset({7, 8})}


def test_a_new_file_has_no_orphans_yet(lake: Lake) -> None:
    lake.commit(write_product(lake.store, 7), [])
    orphans, (only,) = finder(lake, grace=3600)
    assert orphans.in_file(only) == frozenset()
    orphans, (only,) = finder(lake, grace=0)
    assert orphans.in_file(only) == frozenset({7})
    assert time.time() - only.added < 3600


def test_a_file_without_candidates_is_not_read(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_product(lake, 1)
    orphans, (only,) = finder(lake)
    monkeypatch.setattr("spectraldb.maintenance.orphans.read_product_ids", None)
    assert orphans.in_file(only) == frozenset()


def test_product_numbers_in_a_file(lake: Lake) -> None:
    rows = pa.concat_tables([pixel_rows(n, [1.0, 2.0]) for n in (7, 8, 12)])
    new = write_rows(lake.store, Table.PIXEL, rows)
    assert read_product_ids(lake, Table.PIXEL, new.path) == frozenset({7, 8, 12})
