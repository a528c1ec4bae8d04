"""File locks, which the operating system releases when the process ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import LakeError

BUSY = "Another process is optimizing this lake. Wait until it has finished."

POLL_SECONDS = 0.2


@contextmanager
def folder_lock(path: Path) -> Iterator[Cancellation]:
    """Lock a lake in a folder, and yield the token `NEVER`, because the lock cannot be lost.

    Raises
    ------
    LakeError
        If another thread or process holds the lock, or the lock file cannot be written.
    """
    try:
        with filelock.FileLock(path, timeout=0):
            yield NEVER
    except filelock.Timeout as error:
        raise LakeError(BUSY) from error
    except OSError as error:
        raise LakeError(f"The lake cannot be written: {error}") from error


@contextmanager
def waiting_lock(path: Path, cancel: Cancellation) -> Iterator[None]:
    """Lock a file; while another thread or process holds the lock, wait and poll `cancel`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=POLL_SECONDS, poll_interval=POLL_SECONDS / 4)
        except filelock.Timeout:
            cancel.check()
    try:
        yield
    finally:
        lock.release()
