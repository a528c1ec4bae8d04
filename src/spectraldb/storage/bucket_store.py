"""A lake in a bucket, with a cache on this machine."""

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
    """A lake in a bucket; see `Store`.

    A folder that is put as a whole is one object, a tar file.  Local files are entries of the
    cache; as a file of a lake does not change, an entry is never compared with its object.

    Threads share it, and a pickled one works in another process.  Its own attributes do not
    change; `FolderIndex` and `Cache` have locks of their own.

    Parameters
    ----------
    bucket
        Folder of the lake in the bucket.
    cache
        The cache, which may have entries of other lakes and of products too.
    """

    stale_seconds = STALE_SECONDS

    def __init__(self, bucket: Bucket, cache: Cache) -> None:
        self._bucket = bucket
        self._cache = cache
        self._folders = FolderIndex(bucket)
        self.address = bucket.uri.rstrip("/")
        self.storage_options = bucket.access.delta_options
        # Two stores may have buckets of the same name.
        identity = f"{bucket.access.address} {self.address}"
        self.folder = cache.folder / "lakes" / hashlib.sha256(identity.encode()).hexdigest()[:16]

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the index of folders, whose lock cannot be pickled."""
        return BucketStore, (self._bucket, self._cache)

    def uri(self, name: str) -> str:
        """Return the URI of a folder."""
        return f"{self.address}/{name}"

    def location(self, name: str) -> str:
        """Return the URI of an object."""
        return f"{self.address}/{name}"

    def name_of(self, location: str) -> str | None:
        """Return the name of an object by its URI; None if it is outside the lake."""
        prefix = f"{self.address}/"
        return location.removeprefix(prefix) if location.startswith(prefix) else None

    def stat(self, name: str) -> FileInfo:
        """Return size and modification time of an object."""
        return self._bucket.head(name)

    def exists(self, name: str) -> bool:
        """Return whether there is an object; raises OSError if the answer is unknown."""
        return self._bucket.exists(name)

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the objects in a folder, at any depth."""
        return self._bucket.list(folder)

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the folders that were put as a whole; the size of one is that of its tar file."""
        return self._folders.list(folder)

    def get(self, name: str) -> bytes:
        """Return the bytes of an object."""
        return self._bucket.get(name)

    def put(self, temporary: Path, path: Path) -> None:
        """Upload a file, and make it an entry of the cache if there is room."""
        self._bucket.upload(temporary, self._name(path))
        self._cache.adopt(temporary, path)

    def put_folder(self, temporary: Path, path: Path) -> None:
        """Upload a folder as a tar file, and make it an entry of the cache if there is room."""
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
        """Download a folder and unpack it in the cache; return False if there is no room."""
        if self._cache.has(path):
            return True
        info = self._folders.find(self._name(path))
        if info is None:
            return False
        try:
            # For a moment there are both the tar file and the folder.
            download = partial(self._download_folder, info.name, cancel)
            self._cache.fill(path, 2 * info.size, download, cancel)
        except (FileNotFoundError, LimitError):
            return False
        return True

    def is_local(self, path: Path) -> bool:
        """Return whether a folder is in the cache, and record a use of it."""
        return self._cache.has(path)

    def has_folder(self, path: Path) -> bool:
        """Return whether a folder was put as a whole."""
        return self._folders.find(self._name(path)) is not None

    @contextmanager
    def temporary_copies(self, paths: Iterable[Path]) -> Iterator[Sequence[Path]]:
        """Yield copies that are deleted at the end of the context.

        An entry of the cache is not downloaded again, and not kept there for longer either.
        """
        with self._cache.temporary_folder() as folder:
            copies = {path: folder / path.name for path in paths}
            missing = [path for path, copy in copies.items() if not hard_link(path, copy)]
            self._for_each(
                missing, lambda path, info: self._bucket.download(info.name, copies[path])
            )
            yield list(copies.values())

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Open the entry of the cache if there is one, else the object."""
        try:
            return path.open("rb", buffering=0)
        except FileNotFoundError:
            return self._bucket.open_ranges(self._name(path))

    def delete(self, name: str) -> None:
        """Delete an object, or a folder that was put as a whole, and its entry of the cache."""
        self._bucket.delete([name, name + TAR])
        self._folders.changed()
        remove_whole(self.folder / name)

    def exclusive(self, name: str) -> AbstractContextManager[Cancellation]:
        """Lock an object; see `bucket_lock`."""
        return bucket_lock(self._bucket, name)

    def _for_each(
        self, missing: Sequence[Path], download: Callable[[Path, FileInfo], None]
    ) -> None:
        """Make room for the objects of some paths and download them, several at a time."""
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
