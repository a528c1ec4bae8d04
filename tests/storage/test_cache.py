"""The cache of objects: eviction, and downloads that happen once."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ByteSize

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import LimitError, StoppedError
from spectraldb.lake.data_files import DataFileWriter
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings
from spectraldb.storage.access import Access
from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.cache import Cache, hard_link
from spectraldb.storage.cache_entry import FOLDER_MARK, CacheEntry, list_entries
from spectraldb.storage.open import open_storage
from spectraldb.storage.s3 import Bucket
from spectraldb.storage.temporary import temporary_path


def write(size: int, path: Path) -> None:
    path.write_bytes(bytes(size))


def fill(cache: Cache, name: str, size: int) -> Path:
    path = cache.folder / name
    cache.fill(path, size, lambda target: write(size, target), NEVER)
    return path


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_the_least_recently_used_entry_is_evicted_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    old, older, new = (fill(cache, name, 30) for name in ("a/old", "b/older", "c/new"))
    age(old, 1000)
    age(older, 2000)
    fill(cache, "d", 30)
    assert [path.exists() for path in (old, older, new)] == [True, False, True]
    fill(cache, "e", 40)
    assert [path.exists() for path in (old, new)] == [False, True]


def test_an_entry_in_use_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    used = fill(cache, "used", 80)
    age(used, 1000)
    assert cache.has(used)  # a process requests it, and may read it from here on
    message = "40 more bytes, .* its limit is 100 bytes. Increase SPECTRALDB_CACHE_SIZE.$"
    with pytest.raises(LimitError, match=message):
        fill(cache, "more", 40)
    assert used.exists()
    assert not (tmp_path / "more").exists()


def test_a_folder_is_evicted_as_a_whole(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)

    def make(target: Path) -> None:
        target.mkdir()
        for name in (FOLDER_MARK, "x", "y"):
            write(20, target / name)

    folder = tmp_path / "segments" / "abc"
    cache.fill(folder, 60, make, NEVER)
    age(folder, 1000)
    fill(cache, "more", 50)
    assert not folder.exists()


def test_other_files_of_the_user_stay(tmp_path: Path) -> None:
    own = [tmp_path / name for name in ("notes", "products/x.fits", "fetched/y.fits.part")]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        write(100, path)
        age(path, 100_000)
    settings = Settings(lake=tmp_path / "lake", cache=tmp_path, cache_size=ByteSize(100))
    cache = open_storage(settings).sources.cache
    copy = fill(cache, "products/x.fits", 100)
    age(copy, 1000)
    fill(cache, "more", 50)
    assert not copy.exists()
    assert all(path.exists() for path in own)


def test_an_uploaded_file_is_evicted_unless_it_is_requested(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    for name in ("a", "b"):
        temporary = temporary_path(tmp_path / name)
        write(60, temporary)
        cache.adopt(temporary, tmp_path / name)
    assert [(tmp_path / name).exists() for name in ("a", "b")] == [False, True]
    assert cache.has(tmp_path / "b")
    temporary = temporary_path(tmp_path / "c")
    write(60, temporary)
    cache.adopt(temporary, tmp_path / "c")
    assert [(tmp_path / name).exists() for name in ("b", "c")] == [True, False]


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    copy = fill(cache, "a", 80)
    with cache.temporary_folder() as folder:
        assert hard_link(copy, folder / "a")
        assert not hard_link(tmp_path / "none", folder / "none")
        cache.make_room(20)
        age(copy, 1000)
        cache.make_room(40)
        assert not copy.exists()
        assert (folder / "a").exists()
    assert not folder.exists()


def test_a_temporary_file_stays_for_a_day(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    parts = [temporary_path(tmp_path / name) for name in ("a.parquet", "segment")]
    write(40, parts[0])
    parts[1].mkdir()
    write(40, parts[1] / "flux.npy")
    for path in (*parts, parts[1] / "flux.npy"):
        age(path, 10_000)
    with pytest.raises(LimitError):
        fill(cache, "b", 50)
    for path in parts:
        age(path, 100_000)
    fill(cache, "b", 50)
    assert [path.exists() for path in parts].count(False) == 1
    fill(cache, "c", 50)
    assert not any(path.exists() for path in parts)


def test_a_file_that_is_being_written_to_a_lake_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    file = DataFileWriter(
        BucketStore(Bucket("s3://none/lake", Access()), cache), Table.PIXEL, "x1d"
    )
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    write(100, path)
    age(path, 10_000)
    with pytest.raises(LimitError):
        cache.make_room(1)
    file.abandon()
    cache.make_room(1)


def test_an_interrupted_eviction_leaves_no_partial_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path, 100)
    folder = tmp_path / "abc"
    folder.mkdir()
    write(100, folder / FOLDER_MARK)
    age(folder, 1000)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache.make_room(50)
    assert not cache.has(folder)


def test_an_entry_requested_during_an_eviction_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path, 100)
    copy = fill(cache, "a", 80)
    age(copy, 1000)

    def list_then_use(folder: Path) -> Iterator[CacheEntry]:
        yield from list(list_entries(folder))
        assert cache.has(copy)

    monkeypatch.setattr("spectraldb.storage.cache.list_entries", list_then_use)
    cache.make_room(50)
    assert copy.exists()


def test_a_folder_that_was_just_unpacked_is_in_use(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)

    def unpack(target: Path) -> None:
        target.mkdir()
        write(60, target / FOLDER_MARK)
        age(target, 100_000)

    cache.fill(tmp_path / "abc", 60, unpack, NEVER)
    with pytest.raises(LimitError):
        fill(cache, "more", 50)
    assert cache.has(tmp_path / "abc")


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)

    def fail(target: Path) -> None:
        write(5, target)
        raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        cache.fill(tmp_path / "x", 10, fail, NEVER)
    assert [path.name for path in tmp_path.iterdir()] == ["locks"]


def test_an_entry_is_created_once(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    made = []

    def make(target: Path) -> None:
        made.append(target)
        time.sleep(0.3)
        write(1, target)

    threads = [
        threading.Thread(target=cache.fill, args=(tmp_path / "x", 1, make, NEVER)) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_waiting_can_be_cancelled(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    begun, over = threading.Event(), threading.Event()

    def make(target: Path) -> None:
        begun.set()
        over.wait(10)
        write(1, target)

    cancelled = Cancellation(lambda: True, lambda: StoppedError("stopped"))
    first = threading.Thread(target=cache.fill, args=(tmp_path / "x", 1, make, NEVER))
    first.start()
    begun.wait(10)
    with pytest.raises(StoppedError):
        cache.fill(tmp_path / "x", 1, make, cancelled)
    over.set()
    first.join()
    assert cache.has(tmp_path / "x")


def test_a_folder_is_uploaded_while_another_thread_downloads_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    path = tmp_path / "segments" / "abc"
    begun, finish = threading.Event(), threading.Event()

    def make(target: Path) -> None:
        begun.set()
        finish.wait(10)
        write_folder(target, "old")

    download = threading.Thread(target=cache.fill, args=(path, 10, make, NEVER))
    download.start()
    begun.wait(10)
    temporary = temporary_path(path)
    write_folder(temporary, "new")
    threading.Timer(0.2, finish.set).start()
    cache.adopt(temporary, path)
    download.join()
    assert {each.name for each in path.iterdir()} == {FOLDER_MARK, "new"}


def write_folder(folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    for each in (FOLDER_MARK, name):
        write(1, folder / each)
