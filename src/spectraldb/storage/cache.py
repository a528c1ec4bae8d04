"""Copies of objects on this machine, of a limited size: those long unused make room."""

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from spectraldb.cancellation import Cancellation
from spectraldb.errors import LimitError
from spectraldb.storage.temporary import MARK, is_temporary, remove, remove_whole, temporary_path

IN_USE_SECONDS = 900.0
"""What was asked for within so long may still be read, and stays."""

LEFT_SECONDS = 86_400.0
"""What is being made and nobody wrote to for so long was left by a process that died."""

NOTED_SECONDS = 60.0
"""That something is used is noted once in so long."""

UNPACKED = ".unpacked"
"""A file of this name says that its folder is one entry."""

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class CacheEntry:
    """A file or a folder of the cache, which goes as a whole."""

    path: Path
    size: int
    used: float

    @property
    def is_evictable(self) -> bool:
        """Whether nobody reads it or makes it any more."""
        seconds = LEFT_SECONDS if is_temporary(self.path) else IN_USE_SECONDS
        return time.time() - self.used > seconds


@dataclass(frozen=True)
class Cache:
    """A folder for copies of what lies in buckets.

    Parameters
    ----------
    folder
        The folder.  It has to be the cache's own: all that is whole in it is taken for copies.
    limit
        How many bytes may be in it.
    """

    folder: Path
    limit: int

    def has(self, path: Path) -> bool:
        """Tell whether a copy is there; it then stays for a while."""
        try:
            used = path.stat().st_mtime
            if time.time() - used > NOTED_SECONDS:
                os.utime(path)
        except OSError:
            return False
        return True

    def fill(
        self, path: Path, size: int, make: Callable[[Path], None], cancel: Cancellation
    ) -> None:
        """Have a copy made unless it is there; of several processes, one makes it.

        Parameters
        ----------
        path
            Where the copy is to be.
        size
            How many bytes it needs.
        make
            Makes a file or a folder of a path that it is given.
        cancel
            Polled while another process makes it.

        Raises
        ------
        LimitError
            If there is no room.
        """
        with self._exclusive(path, cancel):
            if self.has(path):
                return
            self.make_room(size)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = temporary_path(path)
            try:
                make(partial)
                os.utime(partial)  # what is unpacked has the time of when it was packed
                partial.rename(path)
            finally:
                remove(partial)

    @contextmanager
    def temporary_folder(self) -> Iterator[Path]:
        """Give a folder for copies that nobody else knows; it goes afterwards."""
        folder = self.folder / "passing"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=MARK, dir=folder) as place:
            yield Path(place)

    def adopt(self, made: Path, path: Path) -> None:
        """Have as a copy what was made here and is in the bucket by now, if there is room.

        It may go as soon as there is not, unless someone asks for it: a job that makes one after
        the other could else fill the cache.
        """
        remove_whole(path)
        os.utime(made, (time.time() - IN_USE_SECONDS,) * 2)
        made.rename(path)
        try:
            self.make_room(0)
        except LimitError:
            remove_whole(path)

    def make_room(self, size: int) -> None:
        """Delete copies that were not used for long, until so many bytes more are within the limit.

        Raises
        ------
        LimitError
            If those in use leave no room.
        """
        entries = sorted(self._entries(), key=lambda entry: entry.used)
        over = sum(entry.size for entry in entries) + size - self.limit
        if over <= 0:
            return
        old = [entry for entry in entries if entry.is_evictable]
        if over > sum(entry.size for entry in old):
            raise LimitError(
                f"this needs {size:,} bytes more in the cache, which is limited to "
                f"{self.limit:,} and in use; set SPECTRALDB_CACHE_SIZE higher"
            )
        for entry in old:
            if over <= 0:
                break
            if _size_and_time(entry.path)[1] <= entry.used:  # else it was asked for just now
                remove_whole(entry.path)
                over -= entry.size

    def _entries(self) -> Iterator[CacheEntry]:
        for folder, folders, files in os.walk(self.folder):
            paths = [Path(folder, name) for name in files if not name.endswith(".lock")]
            if UNPACKED in files or is_temporary(folder):
                folders.clear()
                size = sum(_size_and_time(path)[0] for path in paths)
                yield CacheEntry(Path(folder), size, _size_and_time(Path(folder))[1])
                continue
            for path in paths:
                yield CacheEntry(path, *_size_and_time(path))

    @contextmanager
    def _exclusive(self, path: Path, cancel: Cancellation) -> Iterator[None]:
        """Keep others from making the same copy; while another makes it, check and wait."""
        name = hashlib.sha256(str(path).encode()).hexdigest()[:32]
        locks = self.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(locks / f"{name}.lock")
        while not lock.is_locked:
            try:
                lock.acquire(timeout=POLL_SECONDS, poll_interval=POLL_SECONDS / 4)
            except filelock.Timeout:
                cancel.check()
        try:
            yield
        finally:
            lock.release()


def hard_link(path: Path, other: Path) -> bool:
    """Give a file a second name, if it is there; tell whether it was."""
    try:
        os.link(path, other)
    except OSError:
        return False
    return True


def _size_and_time(path: Path) -> tuple[int, float]:
    """Return size and time of a file; nothing of one that another process just deleted.

    One that has several names is counted once, a part for each.
    """
    try:
        status = path.stat()
    except OSError:
        return 0, 0.0
    names = 1 if stat.S_ISDIR(status.st_mode) else status.st_nlink
    return status.st_size // names, status.st_mtime
