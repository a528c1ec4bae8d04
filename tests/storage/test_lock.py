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


def _hold(path: Path, held: Event, release: Event) -> None:
    with folder_lock(path):
        held.set()
        release.wait(60)


def test_a_lock_of_another_process(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(tmp_path / "x.lock", held, release))
    process.start()
    assert held.wait(60)
    with pytest.raises(LakeError, match="Another process"), folder_lock(tmp_path / "x.lock"):
        pytest.fail("two hold it")
    process.kill()
    process.join()
    with folder_lock(tmp_path / "x.lock"):
        pass


def test_a_lock_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LakeError, match="cannot be written"), folder_lock(tmp_path / "file" / "x"):
        pytest.fail("nothing holds it")


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


def test_who_waits_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with (
        waiting_lock(path, NEVER),
        pytest.raises(Cancelled),
        waiting_lock(path, Cancellation(lambda: True)),
    ):
        pytest.fail("two hold it")
    with waiting_lock(path, NEVER):
        pass
