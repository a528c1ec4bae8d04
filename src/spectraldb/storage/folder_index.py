"""The packed folders in a bucket: each is stored as a tar file."""

import math
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spectraldb.storage.objects import FileInfo
from spectraldb.storage.s3 import Bucket

LISTING_SECONDS = 30.0
"""Time for which a listing of a folder is reused."""

TAR = ".tar"


@dataclass(frozen=True)
class _Listing:
    folders: dict[str, FileInfo] = field(default_factory=dict)
    listed: float = -math.inf
    """On the monotonic clock."""


class FolderIndex:
    """Index of the packed folders in a bucket, by name.

    Thread-safe: `_lock` guards `_listings` and `_changes`.  It is released while the bucket is
    listed.

    Parameters
    ----------
    bucket
        The bucket.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._lock = threading.Lock()
        self._listings: dict[str, _Listing] = {}
        self._changes = 0

    def list(self, parent: str) -> Iterator[FileInfo]:
        """List the bucket and yield the packed folders in a folder."""
        with self._lock:
            changes = self._changes
        folders = {}
        for info in self._bucket.list(parent):
            name = info.name.removesuffix(TAR)
            if name != info.name and name.rpartition("/")[0] == parent:
                folders[name] = FileInfo(name, info.size, info.modified)
        with self._lock:
            # A listing that began before a change may not include it.
            if changes == self._changes:
                self._listings[parent] = _Listing(folders, time.monotonic())
        return iter(folders.values())

    def find(self, name: str) -> FileInfo | None:
        """Return a packed folder or None, from a listing at most `LISTING_SECONDS` old."""
        parent = name.rpartition("/")[0]
        with self._lock:
            listing = self._listings.get(parent, _Listing())
        if time.monotonic() - listing.listed < LISTING_SECONDS:
            return listing.folders.get(name)
        return next((info for info in self.list(parent) if info.name == name), None)

    def changed(self) -> None:
        """Discard all listings, because this process added or deleted a folder."""
        with self._lock:
            self._changes += 1
            self._listings.clear()


def pack(folder: Path, target: Path) -> None:
    """Pack a folder into a tar file."""
    with tarfile.open(target, "w") as tar:
        tar.add(folder, arcname=".")


def unpack(packed: Path, target: Path) -> None:
    """Unpack a tar file into a new folder."""
    with tarfile.open(packed) as tar:
        # Python before 3.11.4 has neither this filter nor an argument for it.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(target)  # noqa: S202 - written by `pack`
