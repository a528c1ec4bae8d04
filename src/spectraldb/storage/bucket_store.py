"""A lake in a bucket, of which a cache on this machine holds what is in use."""

import hashlib
import io
import math
import shutil
import tarfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import LimitError
from spectraldb.storage.cache import UNPACKED, Cache, hard_link
from spectraldb.storage.lock import bucket_lock
from spectraldb.storage.objects import FileInfo, join_key
from spectraldb.storage.s3 import Bucket
from spectraldb.storage.store import PARALLEL_DOWNLOADS
from spectraldb.storage.temporary import temporary_path

STALE_SECONDS = 1.0
PIECES_SECONDS = 30.0
"""For so long a listing of pieces is used again."""

TAR = ".tar"


class BucketStore:
    """A lake in a bucket.

    Its folder on this machine is laid out as the lake is.  Files are never changed once they are
    part of the lake, so that a copy is as good as the file.  A folder that is published as a whole
    is one object, a tar file.

    Parameters
    ----------
    uri
        As in ``s3://bucket/folder``.
    bucket, cache
        The bucket's folder, and where copies are.
    """

    stale_seconds = STALE_SECONDS

    def __init__(self, bucket: Bucket, cache: Cache) -> None:
        self._bucket = bucket
        self._cache = cache
        self.address = bucket.uri.rstrip("/")
        self.storage_options = bucket.access.delta_options
        # Lakes of one name in two stores are two lakes.
        told = f"{bucket.access.address} {self.address}"
        self.folder = cache.folder / "lakes" / hashlib.sha256(told.encode()).hexdigest()[:16]
        self._pieces: dict[str, tuple[float, dict[str, FileInfo]]] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[object, ...]:
        """Let other processes make their own of it."""
        return BucketStore, (self._bucket, self._cache)

    def uri(self, name: str) -> str:
        """Return the URI of a folder."""
        return f"{self.address}/{name}"

    def location(self, name: str) -> str:
        """Return the URI of an object."""
        return f"{self.address}/{name}"

    def name_of(self, location: str) -> str | None:
        """Return the name of an object by its URI."""
        inside = location.startswith(f"{self.address}/")
        return location.removeprefix(f"{self.address}/") if inside else None

    def stat(self, name: str) -> FileInfo:
        """Return size and time of an object."""
        return self._bucket.head(name)

    def exists(self, name: str) -> bool:
        """Return whether there is an object."""
        return self._bucket.exists(name)

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the objects in a folder."""
        return self._bucket.list(folder)

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the folders that were published as a whole, as they are now."""
        found = {}
        for entry in self._bucket.list(folder):
            name = entry.name.removesuffix(TAR)
            found[name] = FileInfo(name, entry.size, entry.modified)
        with self._lock:
            self._pieces[folder] = (time.monotonic(), found)
        yield from found.values()

    def get(self, name: str) -> bytes:
        """Return the bytes of an object."""
        return self._bucket.get(name)

    def put(self, made: Path, path: Path) -> None:
        """Upload a file; it stays here, as a copy, if there is room."""
        self._bucket.upload(made, self._name(path))
        self._cache.adopt(made, path)

    def put_folder(self, made: Path, path: Path) -> None:
        """Upload a folder as a tar file; it stays here, as a copy, if there is room."""
        (made / UNPACKED).touch()
        packed = temporary_path(path)
        try:
            with tarfile.open(packed, "w") as tar:
                tar.add(made, arcname=".")
            self._bucket.upload(packed, self._name(path) + TAR)
        finally:
            packed.unlink(missing_ok=True)
        with self._lock:
            self._pieces.clear()
        self._cache.adopt(made, path)

    def localize(self, paths: Iterable[Path], cancel: Cancellation = NEVER) -> None:
        """Have copies of objects here."""

        def one(path: Path, entry: FileInfo) -> None:
            make = partial(self._bucket.download, entry.name, cancel=cancel)
            self._cache.fill(path, entry.size, make, cancel)

        self._each([path for path in paths if not self._cache.has(path)], one)

    @contextmanager
    def temporary_copies(self, paths: Iterable[Path]) -> Iterator[Sequence[Path]]:
        """Give paths of copies that nobody else knows, and which go afterwards.

        What the cache has is not downloaded, and stays in it as long as it would have.
        """
        with self._cache.temporary_folder() as folder:
            copies = {path: folder / path.name for path in paths}
            missing = [path for path, copy in copies.items() if not hard_link(path, copy)]
            self._each(missing, lambda path, entry: self._bucket.download(entry.name, copies[path]))
            yield list(copies.values())

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Open the copy, or else the object."""
        try:
            return path.open("rb", buffering=0)
        except FileNotFoundError:
            return self._bucket.open_ranges(self._name(path))

    def _each(self, missing: Sequence[Path], one: Callable[[Path, FileInfo], None]) -> None:
        """Do something with objects for which there is room here, several at a time."""
        if not missing:
            return
        with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
            entries = list(pool.map(lambda path: self._bucket.head(self._name(path)), missing))
            self._cache.make_room(sum(entry.size for entry in entries))
            jobs = [pool.submit(one, *each) for each in zip(missing, entries, strict=True)]
            try:
                for job in jobs:
                    job.result()
            finally:
                for job in jobs:
                    job.cancel()

    def has_folder(self, path: Path) -> bool:
        """Tell whether a folder was published as a whole."""
        return self._piece(path) is not None

    def localize_folder(self, path: Path, cancel: Cancellation = NEVER) -> bool:
        """Have a folder here, unpacked; not if there is no room, or none in the bucket."""
        if self._cache.has(path):
            return True
        entry = self._piece(path)
        if entry is None:
            return False
        try:
            # Once packed and once not, for a moment.
            self._cache.fill(
                path, 2 * entry.size, partial(self._unpack, entry.name, cancel), cancel
            )
        except (FileNotFoundError, LimitError):
            return False
        return True

    def is_local(self, path: Path) -> bool:
        """Tell whether a copy is still here; it then stays for a while."""
        return self._cache.has(path)

    def _unpack(self, name: str, cancel: Cancellation, target: Path) -> None:
        packed = temporary_path(target)
        try:
            self._bucket.download(name + TAR, packed, cancel)
            with tarfile.open(packed) as tar:
                tar.extractall(target, filter="data")
        finally:
            packed.unlink(missing_ok=True)

    def _piece(self, path: Path) -> FileInfo | None:
        folder = self._name(path.parent)
        with self._lock:
            listed, found = self._pieces.get(folder, (-math.inf, {}))
        if time.monotonic() - listed >= PIECES_SECONDS:
            found = {entry.name: entry for entry in self.list_folders(folder)}
        return found.get(self._name(path))

    def put_copy(self, path: Path, name: str) -> None:
        """Upload a file."""
        self._bucket.upload(path, name)

    def drop(self, name: str) -> None:
        """Delete an object."""
        self._bucket.delete([name])

    def delete(self, name: str) -> None:
        """Delete an object, or a folder that was published as a whole, and its copy here."""
        self._bucket.delete([name, name + TAR])
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def exclusive(self, name: str) -> AbstractContextManager[Cancellation]:
        """Keep others away by an object."""
        return bucket_lock(self._bucket, name)

    def _name(self, path: Path) -> str:
        return join_key(path.relative_to(self.folder).as_posix())
