"""The files of a table in its log, and replaced files."""

import time
from pathlib import Path

import pytest

from spectraldb.lake.lake import Lake
from spectraldb.schema.tables import Table
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.store import Store
from tests.support.rows import commit_product, pixel_rows, write_rows


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(FolderStore(tmp_path), create=True)


def test_ranges_rows_and_sizes(store: Store) -> None:
    lake = Lake(store, create=True)
    assert lake.table_files(Table.PIXEL) == []
    new = write_rows(lake.store, Table.PIXEL, pixel_rows(5, [1.0, 2.0]), "s2d")
    before = time.time()
    lake.commit([new], [])
    (file,) = lake.table_files(Table.PIXEL)
    assert (file.path, file.product_type, file.size) == (new.path, "s2d", new.size)
    assert (file.rows, file.min_id, file.max_id) == (2, 5, 5)
    assert before - 1 < file.added < time.time() + 1


def test_commits_of_others_are_listed(lake: Lake) -> None:
    other = Lake(FolderStore(lake.folder))
    commit_product(other, 1)
    assert [file.min_id for file in lake.table_files(Table.PIXEL)] == [1]


def test_replaced_files(lake: Lake) -> None:
    commit_product(lake, 1)
    commit_product(lake, 2)
    old = lake.table_files(Table.PIXEL)
    rows = pixel_rows(1, [1.0, 1.5, 2.0])
    new = write_rows(lake.store, Table.PIXEL, rows)
    lake.replace_files(Table.PIXEL, old[:1], [new])
    paths = {file.path for file in lake.table_files(Table.PIXEL)}
    assert paths == {old[1].path, new.path}
    assert lake.replaced_files(Table.PIXEL, grace=0) == {old[0].path}
    assert lake.replaced_files(Table.PIXEL, grace=3600) == set()
    assert (lake.folder / Table.PIXEL.value / old[0].path).exists()
