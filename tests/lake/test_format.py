"""The format number: written once, and lakes of other formats are refused."""

import json
import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from spectraldb.errors import LakeError
from spectraldb.lake.format import check_format, write_format
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import FORMAT, FORMAT_FILE
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.store import Store

OLDER = "older version of Spectral DB. Ingest its files again, into a new lake, with `spectraldb"
NEWER = f"has format {FORMAT + 1}, but .* reads format {FORMAT}. Upgrade Spectral DB"


def write(store: Store, text: str, folder: Path) -> None:
    path = folder / "other.json"
    path.write_text(text)
    store.put_copy(path, FORMAT_FILE)


def test_a_new_lake_has_the_format_of_this_version(store: Store) -> None:
    Lake(store, create=True)
    assert json.loads(store.get(FORMAT_FILE)) == {"format": FORMAT}
    assert Lake(store).snapshot().version == 0
    assert Lake(store, create=True).snapshot().version == 0


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("number", [None, FORMAT - 1])
def test_an_older_lake_is_refused(
    store: Store, tmp_path: Path, number: int | None, *, create: bool
) -> None:
    Lake(store, create=True)
    store.delete(FORMAT_FILE)
    if number is not None:
        write(store, json.dumps({"format": number}), tmp_path)
    with pytest.raises(LakeError, match=OLDER):
        Lake(store, create=create)


@pytest.mark.parametrize("create", [False, True])
def test_a_newer_lake_is_refused_with_any_contents(
    store: Store, tmp_path: Path, *, create: bool
) -> None:
    write(store, json.dumps({"format": FORMAT + 1, "tables": []}), tmp_path)
    with pytest.raises(LakeError, match=NEWER):
        Lake(store, create=create)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": null}'])
def test_a_damaged_format_file_is_reported(store: Store, tmp_path: Path, text: str) -> None:
    Lake(store, create=True)
    write(store, text, tmp_path)
    with pytest.raises(LakeError, match=f"{FORMAT_FILE}: The file is damaged"):
        Lake(store)


def test_a_folder_without_a_lake(store: Store) -> None:
    check_format(store)
    with pytest.raises(LakeError, match="No lake found"):
        Lake(store)


def test_an_incomplete_lake_is_created(store: Store) -> None:
    write_format(store)
    with pytest.raises(LakeError, match="No lake found"):
        Lake(store)
    assert Lake(store, create=True).snapshot().version == 0


# Only for a folder: times in buckets are whole seconds, so both lakes can have the same time.
@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_a_lake_replaced_by_one_of_another_format_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(store), "stale_seconds", 0.0)
    lake = Lake(store, create=True)
    for entry in list(store.list("")):
        store.delete(entry.name)
    Lake(store, create=True)
    write(store, json.dumps({"format": FORMAT + 1}), tmp_path)
    with pytest.raises(LakeError, match=NEWER):
        lake.snapshot()


def _create(stores: list[Store], at_once: Barrier) -> None:
    for store in stores:
        at_once.wait()
        Lake(store, create=True).snapshot()


def test_processes_create_a_lake_at_once(store: Store, tmp_path: Path) -> None:
    """Create many lakes, because the race is rare; one in a bucket is enough."""
    is_folder = store.storage_options is None
    stores = [FolderStore(tmp_path / str(i)) for i in range(30)] if is_folder else [store]
    context = multiprocessing.get_context("spawn")
    at_once = context.Barrier(4)
    processes = [context.Process(target=_create, args=(stores, at_once)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    for each in stores:
        snapshot = Lake(each).snapshot()
        assert (snapshot.products, snapshot.spectra, snapshot.pixels) == ((), {}, {})
