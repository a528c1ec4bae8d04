"""Entries of a cache: files, and folders that are evicted as a whole."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spectraldb.storage.temporary import is_temporary

IN_USE_SECONDS = 900.0
"""Time after its last use for which an entry is not evicted, as it may still be read."""

ABANDONED_SECONDS = 86_400.0
"""Time since its last write after which a temporary file is considered abandoned."""

FOLDER_MARK = ".unpacked"
"""Name of an empty file that marks a folder as a single entry."""

LOCK_SUFFIX = ".lock"


@dataclass(frozen=True)
class CacheEntry:
    """A file or a folder in a cache."""

    path: Path
    size: int
    """In bytes."""
    last_used: float
    """In seconds since 1970; for a temporary file, the time of its last write."""

    @property
    def is_evictable(self) -> bool:
        """Whether it was unused for so long that no process can be reading or writing it."""
        seconds = ABANDONED_SECONDS if is_temporary(self.path) else IN_USE_SECONDS
        return time.time() - self.last_used > seconds

    @property
    def is_used_since(self) -> bool:
        """Whether it was used after it was listed."""
        return _size_and_time(self.path)[1] > self.last_used


def list_entries(folder: Path) -> Iterator[CacheEntry]:
    """Yield the entries of a cache."""
    for parent, folders, files in os.walk(folder):
        paths = [Path(parent, name) for name in files if not name.endswith(LOCK_SUFFIX)]
        if FOLDER_MARK in files or is_temporary(parent):
            folders.clear()
            size = sum(_size_and_time(path)[0] for path in paths)
            yield CacheEntry(Path(parent), size, _size_and_time(Path(parent))[1])
        else:
            for path in paths:
                yield CacheEntry(path, *_size_and_time(path))


def _size_and_time(path: Path) -> tuple[int, float]:
    """Return the size and modification time of a file; zeros if it was just deleted.

    The size of a file with several hard links is divided among them.
    """
    try:
        status = path.stat()
    except OSError:
        return 0, 0.0
    names = 1 if stat.S_ISDIR(status.st_mode) else status.st_nlink
    return status.st_size // names, status.st_mtime
