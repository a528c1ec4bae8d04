"""A cache of objects on this machine, of limited size."""

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
"""Time after which a further use of an entry is recorded."""


@dataclass(frozen=True)
class Cache:
    """A folder with copies of objects; the least recently used ones are evicted.

    Threads and processes share it.  All its state is in the folder: an entry appears and
    disappears by a rename, its modification time records its last use, and a locked file lets one
    of them make an entry while the others wait.  Evictions are not locked: if several make room at
    once, the folder may be larger or smaller than it has to be by what they add.

    Parameters
    ----------
    folder
        The folder, with no files but those of the cache: any other file would be evicted.
    limit
        Its size in bytes.
    """

    folder: Path
    limit: int

    def has(self, path: Path) -> bool:
        """Return whether there is an entry, and record a use of it."""
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
        """Make an entry unless there is one; of several threads and processes, one makes it.

        Parameters
        ----------
        path
            Path of the entry.
        size
            Bytes that it needs.
        make
            Write a file or a folder to the path that it is called with.
        cancel
            Polled while another thread or process makes the entry.

        Raises
        ------
        LimitError
            If there is no room.
        """
        with self._locked(path, cancel):
            if self.has(path):
                return
            self.make_room(size)
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = temporary_path(path)
            try:
                make(temporary)
                os.utime(temporary)  # an unpacked folder has the time at which it was packed
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
        """Make an entry of a file or a folder that was just uploaded, if there is room.

        The entry counts as unused, so that a job that uploads one after the other does not fill
        the cache with them.
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
        """Evict entries until `size` bytes more are within the limit, the oldest first.

        Raises
        ------
        LimitError
            If the entries in use leave no room.
        """
        entries = sorted(list_entries(self.folder), key=lambda entry: entry.last_used)
        excess = sum(entry.size for entry in entries) + size - self.limit
        if excess <= 0:
            return
        evictable = [entry for entry in entries if entry.is_evictable]
        if excess > sum(entry.size for entry in evictable):
            raise LimitError(
                f"The cache needs {size:,} more bytes, which do not fit beside the entries in use: "
                f"its limit is {self.limit:,} bytes. Increase SPECTRALDB_CACHE_SIZE."
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
    """Give a file a second name; return False if there is no such file."""
    try:
        os.link(path, other)
    except OSError:
        return False
    return True
