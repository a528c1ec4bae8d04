"""A local cache of objects, of limited size."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import LimitError
from spectraldb.storage.cache_entry import IN_USE_SECONDS, LOCK_SUFFIX, list_entries
from spectraldb.storage.lock import waiting_lock
from spectraldb.storage.temporary import MARK, remove, remove_whole, temporary_path

TOUCH_SECONDS = 60.0
"""Minimum interval between two recorded uses of an entry."""


@dataclass(frozen=True)
class Cache:
    """A folder with copies of objects; the least recently used ones are evicted.

    Safe for threads and processes.  All state is in the folder: entries appear and disappear by a
    rename, and their modification times record their last use.  A file lock per entry lets one
    thread or process create it while the others wait.  Evictions are not locked: if several
    callers make space at the same time, the folder may exceed the limit, or evict more than
    necessary, by what they add.

    Parameters
    ----------
    folder
        The folder.  It must not contain other files, which would be evicted.
    limit
        Maximum size in bytes.
    """

    folder: Path
    limit: int

    def has(self, path: Path) -> bool:
        """Return whether an entry exists, and record that it is used."""
        try:
            last_used = path.stat().st_mtime
            if time.time() - last_used > TOUCH_SECONDS:
                os.utime(path)
        except OSError:
            return False
        return True

    def fill(
        self, path: Path, size: int, make: Callable[[Path], None], cancel: Cancellation
    ) -> None:
        """Create an entry unless it exists; only one thread or process does so at a time.

        Parameters
        ----------
        path
            Path of the entry.
        size
            Disk space that it needs, in bytes.
        make
            Called with a temporary path, to which it writes a file or a folder.
        cancel
            Polled while another thread or process creates the entry.

        Raises
        ------
        LimitError
            If the entry does not fit into the cache.
        """
        with self._locked(path, cancel):
            if self.has(path):
                return
            self.make_room(size)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = temporary_path(path)
            try:
                make(temporary)
                os.utime(temporary)  # an unpacked folder has the time of its packing
                temporary.rename(path)
            finally:
                remove(temporary)

    @contextmanager
    def temporary_folder(self) -> Iterator[Path]:
        """Yield a new folder for copies, which is deleted at the end of the context."""
        parent = self.folder / "temporary"
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=MARK, dir=parent) as folder:
            yield Path(folder)

    def adopt(self, temporary: Path, path: Path) -> None:
        """Add a file or a folder that was just uploaded, if there is space.

        The entry can be evicted immediately, so that a job with many uploads does not fill the
        cache.
        """
        with self._locked(path, NEVER):
            remove_whole(path)
            os.utime(temporary, (time.time() - IN_USE_SECONDS,) * 2)
            temporary.rename(path)
        try:
            self.make_room(0)
        except LimitError:
            remove_whole(path)

    def make_room(self, size: int) -> None:
        """Evict the least recently used entries until `size` more bytes fit within the limit.

        Raises
        ------
        LimitError
            If the entries in use leave too little space.
        """
        entries = sorted(list_entries(self.folder), key=lambda entry: entry.last_used)
        excess = sum(entry.size for entry in entries) + size - self.limit
        if excess <= 0:
            return
        evictable = [entry for entry in entries if entry.is_evictable]
        if excess > sum(entry.size for entry in evictable):
            raise LimitError(
                f"The cache needs {size:,} more bytes, which do not fit in addition to the entries "
                f"in use: its limit is {self.limit:,} bytes. Increase SPECTRALDB_CACHE_SIZE."
            )
        for entry in evictable:
            if excess <= 0:
                break
            if not entry.is_used_since:
                remove_whole(entry.path)
                excess -= entry.size

    def _locked(self, path: Path, cancel: Cancellation) -> AbstractContextManager[None]:
        """Lock an entry against other threads and processes."""
        name = hashlib.sha256(str(path).encode()).hexdigest()[:32]
        return waiting_lock(self.folder / "locks" / (name + LOCK_SUFFIX), cancel)


def hard_link(path: Path, other: Path) -> bool:
    """Create a hard link to a file; return False if this is not possible."""
    try:
        os.link(path, other)
    except OSError:
        return False
    return True
