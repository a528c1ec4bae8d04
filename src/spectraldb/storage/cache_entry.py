"""What is in a cache: files, and folders that are evicted as a whole."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spectraldb.storage.temporary import is_temporary

IN_USE_SECONDS = 900.0
"""Time for which an entry stays after it was last requested, as it may still be read."""

ABANDONED_SECONDS = 86_400.0
"""Time without a write after which a temporary file belongs to a process that died."""

FOLDER_MARK = ".unpacked"
"""Name of an empty file in each folder that is one entry."""

LOCK_SUFFIX = ".lock"


@dataclass(frozen=True)
class CacheEntry:
    """A file or a folder of a cache."""

    path: Path
    size: int
    """In bytes."""
    last_used: float
    """In seconds since 1970; of a temporary file, when it was last written."""

    @property
    def is_evictable(self) -> bool:
        """Whether no process reads or writes it any more."""
        seconds = ABANDONED_SECONDS if is_temporary(self.path) else IN_USE_SECONDS
        return time.time() - self.last_used > seconds

    @property
    def is_used_since(self) -> bool:
        """Whether a process has requested it since it was listed."""
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
    """Return size and time of a file; zeros if another process has just deleted it.

    The size of a file with several names is divided among them.
    """
    try:
        status = path.stat()
    except OSError:
        return 0, 0.0
    names = 1 if stat.S_ISDIR(status.st_mode) else status.st_nlink
    return status.st_size // names, status.st_mtime
