"""Commits: their order, replacement by URI, other writers, and files that are replaced."""

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake.exceptions import CommitFailedError

from spectraldb.errors import LakeError
from spectraldb.lake import lake as module
from spectraldb.lake.lake import Lake
from spectraldb.schema.tables import Table
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.store import Store
from tests.support.rows import (
    commit_product,
    pixel_rows,
    product_record,
    write_product,
    write_rows,
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(FolderStore(tmp_path), create=True)


def products(lake: Lake, version: int | None = None) -> dict[str, int]:
    """Return the products of a version, number by URI."""
    files = lake.snapshot(version).products
    lake.store.localize(Path(file) for file in files)
    rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    assert len({row["uri"] for row in rows}) == len(rows)
    return {row["uri"]: row["productId"] for row in rows}


def test_products_are_committed_last(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write, order = module._write, []

    def recorded(opened: object, table: Table, actions: object) -> None:
        order.append(table)
        assert products(lake) == {}
        write(opened, table, actions)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(module, "_write", recorded)
    record = commit_product(lake, 1)
    assert order == [Table.SPECTRUM, Table.PIXEL]
    assert products(lake) == {record.uri: 1}


def test_a_commit_in_every_store(store: Store) -> None:
    lake = Lake(store, create=True)
    version = lake.commit(write_product(store, 7), [product_record(7)])
    assert version == lake.snapshot().version == 1
    assert list(products(lake).values()) == [7]
    assert list(products(Lake(store)).values()) == [7]


def test_a_product_replaces_one_with_the_same_uri(lake: Lake) -> None:
    first = commit_product(lake, 1)
    other = commit_product(lake, 2)
    commit_product(lake, 3, fileName=first.file_name)
    assert products(lake) == {first.uri: 3, other.uri: 2}
    assert products(lake, 2) == {first.uri: 1, other.uri: 2}


def test_files_without_products_create_no_version(lake: Lake) -> None:
    commit_product(lake, 1)
    assert lake.commit(write_product(lake.store, 2), []) == 1
    assert list(products(lake).values()) == [1]
    assert len(lake.table_files(Table.PIXEL)) == 2


def test_products_are_removed_by_uri(lake: Lake) -> None:
    records = [commit_product(lake, i, fileName=f"it's {i}_x1d.fits") for i in (1, 2, 3)]
    version = lake.remove([records[0].uri, records[2].uri, "mast:JWST/product/other.fits"])
    assert version == lake.snapshot().version
    assert products(lake) == {records[1].uri: 2}
    assert len(products(lake, version - 1)) == 3


def test_a_commit_that_was_suspended_is_refused(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the meantime, the files that it added first may have been deleted as orphans."""
    with monkeypatch.context() as patch:
        patch.setattr(module, "GRACE_SECONDS", -1.0)
        with pytest.raises(LakeError, match="Run it again"):
            commit_product(lake, 1)
    assert products(lake) == {}
    commit_product(lake, 1)
    assert len(products(lake)) == 1


def test_writers_at_the_same_time(lake: Lake) -> None:
    def commit(first: int) -> None:
        other = Lake(FolderStore(lake.folder))
        for number in range(first, first + 8):
            commit_product(other, number)

    threads = [threading.Thread(target=commit, args=(100 * i,)) for i in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(products(lake)) == 24
    assert lake.snapshot().version == 24


def test_a_writer_that_always_conflicts_gives_up(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    def fail(*_: object, **__: object) -> None:
        attempts.append(1)
        raise CommitFailedError("another writer was faster")

    monkeypatch.setattr(module, "write_deltalake", fail)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(LakeError, match="Other processes kept changing the lake"):
        commit_product(lake, 1)
    assert len(attempts) == module.MAX_ATTEMPTS


def test_other_errors_are_not_retried(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def fail(*_: object, **__: object) -> None:
        attempts.append(1)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_deltalake", fail)
    with pytest.raises(LakeError, match=r"The lake cannot be written: .*No space left"):
        commit_product(lake, 1)
    assert len(attempts) == 1


def test_files_are_replaced_by_others_with_the_same_rows(lake: Lake) -> None:
    for number in (1, 2):
        commit_product(lake, number)
    old = lake.table_files(Table.PIXEL)
    merged = pa.concat_tables(pixel_rows(number, [1.0, 1.5, 2.0]) for number in (1, 2))
    version = lake.snapshot().version
    lake.replace_files(Table.PIXEL, old, [write_rows(lake.store, Table.PIXEL, merged)])
    snapshot = lake.snapshot()
    assert snapshot.version == version
    assert [pq.read_metadata(file).num_rows for file in snapshot.pixels["x1d"]] == [6]


def test_the_files_of_products_are_merged(lake: Lake) -> None:
    for number in range(5):
        commit_product(lake, number)
    before = products(lake)
    lake.compact_products(keep_days=7)
    assert len(lake.snapshot().products) == 1
    assert products(lake) == before
    assert len(products(lake, 2)) == 2
    lake.compact_products(keep_days=0)
    assert products(lake) == before
    assert len(list((lake.folder / Table.PRODUCT.value).glob("*.parquet"))) == 1
