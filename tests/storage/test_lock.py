"""Locks of this machine, between threads and between processes."""

import multiprocessing
import threading
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from spectraldb.cancellation import NEVER, Cancellation, Cancelled
from spectraldb.errors import LakeError
from spectraldb.storage.lock import folder_lock, waiting_lock


def _lock(path: Path, locked: Event, release: Event) -> None:
    with folder_lock(path):
        locked.set()
        release.wait(60)


def test_a_lock_of_another_process(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    locked, release = context.Event(), context.Event()
    process = context.Process(target=_lock, args=(tmp_path / "x.lock", locked, release))
    process.start()
    assert locked.wait(60)
    with pytest.raises(LakeError, match="Another process"), folder_lock(tmp_path / "x.lock"):
        pytest.fail("two processes have the lock")
    process.kill()
    process.join()
    with folder_lock(tmp_path / "x.lock"):
        pass


def test_a_lock_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LakeError, match="cannot be written"), folder_lock(tmp_path / "file" / "x"):
        pytest.fail("nothing has the lock")


def test_threads_wait_for_each_other(tmp_path: Path) -> None:
    inside, most = [], []

    def work() -> None:
        with waiting_lock(tmp_path / "locks" / "x", NEVER):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 4


def test_waiting_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with (
        waiting_lock(path, NEVER),
        pytest.raises(Cancelled),
        waiting_lock(path, Cancellation(lambda: True)),
    ):
        pytest.fail("two processes have the lock")
    with waiting_lock(path, NEVER):
        pass
