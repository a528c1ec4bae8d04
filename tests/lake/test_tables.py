"""The Delta tables: created once, with checked columns, and listed at one version."""

import threading
from pathlib import Path

import pytest
from deltalake import DeltaTable

from spectraldb.errors import LakeError
from spectraldb.lake.layout import TABLES
from spectraldb.lake.tables import (
    create_tables,
    delta_schema,
    files_of,
    first_commit,
    open_tables,
    open_version,
)
from spectraldb.schema.tables import Table
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.store import Store


def test_tables_have_the_columns_of_the_schema(store: Store) -> None:
    create_tables(store)
    tables = open_tables(store)
    for table in TABLES:
        names = [field.name for field in tables[table].schema().fields]
        assert names == [field.name for field in delta_schema(table).fields]
    assert tables.created == first_commit(store)
    assert tables.generation == 0


def test_existing_tables_stay(store: Store) -> None:
    create_tables(store)
    created = first_commit(store)
    create_tables(store)
    assert first_commit(store) == created
    assert open_version(store, Table.PIXEL).version() == 0


def test_other_columns_are_refused(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    create_tables(store)
    DeltaTable(store.uri(Table.PIXEL.value)).alter.add_columns(
        [delta_schema(Table.PRODUCT).fields[1]]
    )
    with pytest.raises(LakeError, match="has other columns"):
        open_tables(store)


class Changing:
    """A table that another thread updates to a newer version between two calls."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.current = 0

    def version(self) -> int:
        return self.current

    def file_uris(self) -> list[str]:
        uris = [f"file:///lake/T/{self.current}.parquet"]
        if self.calls:
            self.calls -= 1
            self.current += 1
        return uris


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_version_and_files_are_consistent(calls: int) -> None:
    table = Changing(calls)
    found = files_of(table, Path("/here"))  # type: ignore[arg-type]  # it stands for a DeltaTable
    assert found == (calls, (f"/here/{calls}.parquet",))


def test_paths_are_decoded(tmp_path: Path) -> None:
    class Odd(Changing):
        def file_uris(self) -> list[str]:
            return ["file:///a%20lake/T/productType=x1d/b%23c.parquet"]

    _, paths = files_of(Odd(0), tmp_path, depth=1)  # type: ignore[arg-type]  # as above
    assert paths == (str(tmp_path / "productType=x1d" / "b#c.parquet"),)


def test_threads_open_the_same_lake(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    create_tables(store)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(open_tables(store)[Table.PIXEL].version()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 4
