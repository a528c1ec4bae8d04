"""Versions of a lake: the newest one, older ones, and those of a lake that is replaced."""

import contextlib
import shutil
import threading
from pathlib import Path

import pytest

from spectraldb.errors import LakeError, NotHeldError
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import TABLES
from spectraldb.lake.snapshot import SnapshotReader
from spectraldb.lake.tables import LakeTables, create_tables
from spectraldb.schema.tables import Table
from spectraldb.storage.folder_store import FolderStore
from tests.support.rows import commit_product, pixel_rows, write_rows


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "lake")


@pytest.fixture
def lake(store: FolderStore) -> Lake:
    return Lake(store, create=True)


def test_an_empty_lake(lake: Lake) -> None:
    snapshot = lake.snapshot()
    assert (snapshot.version, snapshot.generation) == (0, 0)
    assert (snapshot.products, snapshot.spectra, snapshot.pixels) == ((), {}, {})


def test_files_by_product_type(lake: Lake, store: FolderStore) -> None:
    for product_type in ("x1d", "s3d", "x1d"):
        new = write_rows(store, Table.PIXEL, pixel_rows(1, [1.0, 2.0]), product_type)
        lake.commit([new], [])
    pixels = lake.snapshot().pixels
    assert {kind: len(files) for kind, files in pixels.items()} == {"x1d": 2, "s3d": 1}
    for kind, files in pixels.items():
        assert list(files) == sorted(files)
        assert all(Path(file).exists() for file in files)
        assert all(f"productType={kind}" in file for file in files)
    assert lake.snapshot().statistics.low["wavelength"].max() <= 1


def test_the_same_version_is_the_same_object(lake: Lake) -> None:
    first = lake.snapshot()
    assert lake.snapshot() is first
    commit_product(lake, 1)
    second = lake.snapshot()
    assert second is not first
    assert lake.snapshot(second.version) is second


def test_commits_of_others_are_seen(lake: Lake, store: FolderStore) -> None:
    other = SnapshotReader(store)
    assert other.newest().version == 0
    commit_product(lake, 1)
    assert other.newest() == lake.snapshot()
    assert other.newest().version == 1


def test_commits_of_others_are_seen_after_a_delay(
    lake: Lake, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FolderStore, "stale_seconds", 60.0)
    other = SnapshotReader(store)
    assert other.newest().version == 0
    commit_product(lake, 1)
    assert other.newest().version == 0
    other.invalidate()
    assert other.newest().version == 1
    assert lake.snapshot().version == 1


def test_one_thread_checks_a_store_that_does_not_respond(
    lake: Lake, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, calls = SnapshotReader(store), []

    def fail(name: str) -> None:
        calls.append(name)
        raise OSError("no answer")

    monkeypatch.setattr(store, "stat", fail)
    monkeypatch.setattr(FolderStore, "stale_seconds", 60.0)
    for _ in range(3):
        with pytest.raises(LakeError, match="cannot be read: no answer"):
            reader.newest()
    assert len(calls) == 1


def test_older_versions(lake: Lake) -> None:
    versions = [lake.snapshot()]
    for number in (1, 2, 3):
        commit_product(lake, number)
        versions.append(lake.snapshot())
    for snapshot in versions:
        older = lake.snapshot(snapshot.version)
        assert sorted(older.products) == sorted(snapshot.products)
        assert older.version == snapshot.version
        assert older.pixels == lake.snapshot().pixels
    assert lake.oldest_version() == 0


@pytest.mark.parametrize("version", [4, 10**6, 2**63 - 1])
def test_versions_that_never_existed(lake: Lake, version: int) -> None:
    with pytest.raises(NotHeldError, match=f"no version {version}. The newest is 0"):
        lake.snapshot(version)


def test_versions_whose_files_were_deleted(lake: Lake) -> None:
    for number in (1, 2, 3):
        commit_product(lake, number)
    lake.compact_products(keep_days=0)
    oldest = lake.oldest_version()
    assert 3 < oldest <= lake.snapshot().version
    assert sorted(lake.snapshot(oldest).products) == sorted(lake.snapshot().products)
    with pytest.raises(NotHeldError, match="Version 2 of the lake is no longer available"):
        lake.snapshot(2)


def test_a_lake_that_is_replaced(lake: Lake, store: FolderStore) -> None:
    commit_product(lake, 1)
    before = lake.snapshot()
    shutil.rmtree(store.folder)
    with pytest.raises(LakeError, match="No lake found"):
        lake.snapshot()
    create_tables(store)
    after = lake.snapshot()
    assert (after.version, after.generation, after.products) == (0, before.generation + 1, ())
    commit_product(lake, 2)
    assert len(lake.snapshot().products) == 1


def test_readers_see_consistent_tables(lake: Lake, store: FolderStore) -> None:
    """Threads read the tables without a lock while the lake is replaced repeatedly."""
    reader = SnapshotReader(store)
    ended, failures, seen = threading.Event(), [], set()

    def read() -> None:
        while not ended.is_set():
            tables = reader.tables
            again = [tables[table] for table in TABLES]
            if any(tables[table] is not one for table, one in zip(TABLES, again, strict=True)):
                failures.append("the tables changed within a set")
            seen.add(tables.generation)
            with contextlib.suppress(LakeError):  # no lake exists at this moment
                reader.newest()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    sets: list[LakeTables] = [reader.tables]
    for _ in range(10):
        shutil.rmtree(store.folder)
        create_tables(store)
        reader.newest()
        sets.append(reader.tables)
    ended.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(seen) > 1
    generations = [tables.generation for tables in sets]
    assert generations == sorted(set(generations))
    opened = [tables[table] for tables in sets for table in TABLES]
    assert len({id(table) for table in opened}) == len(opened)


def test_threads_read_while_this_process_and_others_commit(lake: Lake, store: FolderStore) -> None:
    """A snapshot contains the pixels of its products, and a version always has the same files."""
    ended, failures = threading.Event(), []
    files: dict[int, frozenset[str]] = {}

    def read() -> None:
        while not ended.is_set():
            snapshot = lake.snapshot()
            products = frozenset(snapshot.products)
            if files.setdefault(snapshot.version, products) != products:
                failures.append(f"version {snapshot.version} changed")
            n_pixels = sum(map(len, snapshot.pixels.values()))
            if n_pixels < len(products):
                failures.append(f"{len(products)} products, but {n_pixels} files of pixels")

    def commit(target: Lake, first: int) -> None:
        for number in range(first, first + 12):
            commit_product(target, number)

    readers = [threading.Thread(target=read) for _ in range(3)]
    writers = [
        threading.Thread(target=commit, args=(lake, 100)),
        threading.Thread(target=commit, args=(Lake(store), 200)),
    ]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    for thread in readers:
        thread.join()
    assert not failures
    assert lake.snapshot().version == 24
    assert len(files) > 1
