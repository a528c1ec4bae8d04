"""The cache of what lies in buckets: what is in it, what goes, and what is made once."""

import os
import threading
import time
from pathlib import Path

import pytest

from spectraldb.errors import LimitError, StoppedError
from spectraldb.storage.cache import UNPACKED, Cache


def write(size: int, path: Path) -> None:
    path.write_bytes(bytes(size))


def fill(cache: Cache, name: str, size: int) -> Path:
    path = cache.folder / name
    cache.fill(path, size, lambda target: write(size, target), lambda: None)
    return path


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_what_was_unused_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    old, older, new = (fill(cache, name, 30) for name in ("a/old", "b/older", "c/new"))
    age(old, 1000)
    age(older, 2000)
    fill(cache, "d", 30)
    assert [path.exists() for path in (old, older, new)] == [True, False, True]
    fill(cache, "e", 40)
    assert [path.exists() for path in (old, new)] == [False, True]


def test_what_is_in_use_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    used = fill(cache, "used", 80)
    age(used, 1000)
    assert cache.has(used)  # someone asks for it, who may read it from now on
    with pytest.raises(LimitError, match="40 bytes more in the cache, which is limited to 100"):
        fill(cache, "more", 40)
    assert used.exists()
    assert not (tmp_path / "more").exists()


def test_a_folder_goes_as_a_whole(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)

    def make(target: Path) -> None:
        target.mkdir()
        for name in (UNPACKED, "x", "y"):
            write(20, target / name)

    folder = tmp_path / "serving" / "abc"
    cache.fill(folder, 60, make, lambda: None)
    age(folder, 1000)
    fill(cache, "more", 50)
    assert not folder.exists()


def test_nothing_is_left_of_what_fails(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)

    def fail(target: Path) -> None:
        write(5, target)
        raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        cache.fill(tmp_path / "x", 10, fail, lambda: None)
    assert [path.name for path in tmp_path.iterdir()] == ["locks"]


def test_it_is_made_once(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    made = []

    def make(target: Path) -> None:
        made.append(target)
        time.sleep(0.3)
        write(1, target)

    threads = [
        threading.Thread(target=cache.fill, args=(tmp_path / "x", 1, make, lambda: None))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_who_waits_can_give_up(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 100)
    begun, over = threading.Event(), threading.Event()

    def make(target: Path) -> None:
        begun.set()
        over.wait(10)
        write(1, target)

    def stopped() -> None:
        raise StoppedError("stopped")

    first = threading.Thread(target=cache.fill, args=(tmp_path / "x", 1, make, lambda: None))
    first.start()
    begun.wait(10)
    with pytest.raises(StoppedError):
        cache.fill(tmp_path / "x", 1, make, stopped)
    over.set()
    first.join()
    assert cache.has(tmp_path / "x")
