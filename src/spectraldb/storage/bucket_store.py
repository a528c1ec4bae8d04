"""A lake in a bucket, with a local cache."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import LimitError
from spectraldb.storage.bucket_lock import bucket_lock
from spectraldb.storage.cache import Cache, hard_link
from spectraldb.storage.cache_entry import FOLDER_MARK
from spectraldb.storage.folder_index import TAR, FolderIndex, pack, unpack
from spectraldb.storage.objects import FileInfo, join_key
from spectraldb.storage.s3 import Bucket
from spectraldb.storage.store import PARALLEL_DOWNLOADS
from spectraldb.storage.temporary import remove_whole, temporary_path

STALE_SECONDS = 1.0


class BucketStore:
    """A lake in a bucket; implements `Store`.

    Packed folders are tar files.  Local files are entries of the cache.  Files of a lake never
    change, so entries are not compared with their objects.

    Thread-safe and picklable: its attributes do not change, and `FolderIndex` and `Cache` do their
    own locking.

    Parameters
    ----------
    bucket
        Folder of the lake in the bucket.
    cache
        The cache, which other lakes and products may share.
    """

    stale_seconds = STALE_SECONDS

    def __init__(self, bucket: Bucket, cache: Cache) -> None:
        self._bucket = bucket
        self._cache = cache
        self._folders = FolderIndex(bucket)
        self.address = bucket.uri.rstrip("/")
        self.storage_options = bucket.access.delta_options
        # Buckets in two stores may have the same name.
        identity = f"{bucket.access.address} {self.address}"
        self.folder = cache.folder / "lakes" / hashlib.sha256(identity.encode()).hexdigest()[:16]

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the folder index, whose lock cannot be pickled."""
        return BucketStore, (self._bucket, self._cache)

    def uri(self, name: str) -> str:
        """Return the URI of a folder."""
        return f"{self.address}/{name}"

    def location(self, name: str) -> str:
        """Return the URI of an object."""
        return f"{self.address}/{name}"

    def name_of(self, location: str) -> str | None:
        """Return the name of the object with a URI, or None if it is not in the lake."""
        prefix = f"{self.address}/"
        return location.removeprefix(prefix) if location.startswith(prefix) else None

    def stat(self, name: str) -> FileInfo:
        """Return the size and modification time of an object."""
        return self._bucket.head(name)

    def exists(self, name: str) -> bool:
        """Return whether an object exists; raise OSError if the store cannot be reached."""
        return self._bucket.exists(name)

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the objects in a folder and its subfolders."""
        return self._bucket.list(folder)

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the packed folders in a folder, with the sizes of their tar files."""
        return self._folders.list(folder)

    def get(self, name: str) -> bytes:
        """Return the content of an object."""
        return self._bucket.get(name)

    def put(self, temporary: Path, path: Path) -> None:
        """Upload a file, and add it to the cache if there is space."""
        self._bucket.upload(temporary, self._name(path))
        self._cache.adopt(temporary, path)

    def put_folder(self, temporary: Path, path: Path) -> None:
        """Upload a folder as a tar file, and add it to the cache if there is space."""
        (temporary / FOLDER_MARK).touch()
        packed = temporary_path(path)
        try:
            pack(temporary, packed)
            self._bucket.upload(packed, self._name(path) + TAR)
        finally:
            packed.unlink(missing_ok=True)
        self._folders.changed()
        self._cache.adopt(temporary, path)

    def put_copy(self, path: Path, name: str) -> None:
        """Upload a file."""
        self._bucket.upload(path, name)

    def localize(self, paths: Iterable[Path], cancel: Cancellation = NEVER) -> None:
        """Download objects into the cache."""

        def fill(path: Path, info: FileInfo) -> None:
            download = partial(self._bucket.download, info.name, cancel=cancel)
            self._cache.fill(path, info.size, download, cancel)

        self._for_each([path for path in paths if not self._cache.has(path)], fill)

    def localize_folder(self, path: Path, cancel: Cancellation = NEVER) -> bool:
        """Download and unpack a folder into the cache; return False if this is not possible."""
        if self._cache.has(path):
            return True
        info = self._folders.find(self._name(path))
        if info is None:
            return False
        try:
            # During unpacking, both the tar file and the folder use disk space.
            download = partial(self._download_folder, info.name, cancel)
            self._cache.fill(path, 2 * info.size, download, cancel)
        except (FileNotFoundError, LimitError):
            return False
        return True

    def is_local(self, path: Path) -> bool:
        """Return whether a folder is in the cache, and record that it is used."""
        return self._cache.has(path)

    def has_folder(self, path: Path) -> bool:
        """Return whether a packed folder exists."""
        return self._folders.find(self._name(path)) is not None

    @contextmanager
    def temporary_copies(self, paths: Iterable[Path]) -> Iterator[Sequence[Path]]:
        """Yield paths of copies that are deleted at the end of the context.

        Entries of the cache are not downloaded again.  This does not count as a use of them.
        """
        with self._cache.temporary_folder() as folder:
            copies = {path: folder / path.name for path in paths}
            missing = [path for path, copy in copies.items() if not hard_link(path, copy)]
            self._for_each(
                missing, lambda path, info: self._bucket.download(info.name, copies[path])
            )
            yield list(copies.values())

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Open a file for reading ranges, from the cache if possible."""
        try:
            return path.open("rb", buffering=0)
        except FileNotFoundError:
            return self._bucket.open_ranges(self._name(path))

    def delete(self, name: str) -> None:
        """Delete an object or a packed folder, and its cache entry."""
        self._bucket.delete([name, name + TAR])
        self._folders.changed()
        remove_whole(self.folder / name)

    def exclusive(self, name: str) -> AbstractContextManager[Cancellation]:
        """Lock the lake; see `bucket_lock`."""
        return bucket_lock(self._bucket, name)

    def _for_each(
        self, missing: Sequence[Path], download: Callable[[Path, FileInfo], None]
    ) -> None:
        """Make space in the cache for the objects of some paths, and download them in parallel."""
        if not missing:
            return
        with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
            infos = list(pool.map(lambda path: self._bucket.head(self._name(path)), missing))
            self._cache.make_room(sum(info.size for info in infos))
            jobs = [pool.submit(download, *each) for each in zip(missing, infos, strict=True)]
            try:
                for job in jobs:
                    job.result()
            finally:
                for job in jobs:
                    job.cancel()

    def _download_folder(self, name: str, cancel: Cancellation, target: Path) -> None:
        packed = temporary_path(target)
        try:
            self._bucket.download(name + TAR, packed, cancel)
            unpack(packed, target)
        finally:
            packed.unlink(missing_ok=True)

    def _name(self, path: Path) -> str:
        return join_key(path.relative_to(self.folder).as_posix())
