"""The FITS files of products: on this machine, or objects of a bucket."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Protocol

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import FileChangedError
from spectraldb.storage.access import Access
from spectraldb.storage.cache import Cache
from spectraldb.storage.checksum import FileStat, checksum
from spectraldb.storage.objects import SCHEME, is_object, split_uri
from spectraldb.storage.s3 import Bucket


class Source(Protocol):
    """The file of a product.

    Threads share a source, and a pickled one works in another process.  Methods raise
    FileNotFoundError if there is no such file, and any other OSError if this is unknown.
    """

    @property
    def location(self) -> str:
        """Its path, or the URI of the object."""

    @property
    def name(self) -> str:
        """Its file name."""

    def exists(self) -> bool:
        """Return whether there is such a file; raises OSError if the answer is unknown."""

    def stat(self) -> FileStat:
        """Return its size and modification time."""

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Return the checksum of its bytes; see `spectraldb.storage.checksum`."""

    def localized(self, cancel: Cancellation = NEVER) -> AbstractContextManager[Path]:
        """Yield a path from which it can be read inside the context."""

    def cached(self, digest: str) -> Path:
        """Return a path from which it can be read for a while.

        Parameters
        ----------
        digest
            Checksum that its bytes are to have.
        """


@dataclass(frozen=True)
class FileSource:
    """A file of this machine; see `Source`."""

    path: Path

    @property
    def location(self) -> str:
        """Its path."""
        return str(self.path)

    @property
    def name(self) -> str:
        """Its file name."""
        return self.path.name

    def exists(self) -> bool:
        """Return whether it exists; raises PermissionError if its folder cannot be entered."""
        return self.path.exists()

    def stat(self) -> FileStat:
        """Return its size and modification time."""
        return FileStat.of(self.path)

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Return the checksum of its bytes."""
        return checksum(self.path, cancel)

    def localized(
        self,
        cancel: Cancellation = NEVER,  # noqa: ARG002 - it is local
    ) -> AbstractContextManager[Path]:
        """Yield its path."""
        return nullcontext(self.path)

    def cached(self, digest: str) -> Path:  # noqa: ARG002 - the caller checks a local file
        """Return its path."""
        return self.path


@dataclass(frozen=True)
class ObjectSource:
    """An object of a bucket; see `Source`."""

    location: str
    access: Access
    cache: Cache

    @property
    def name(self) -> str:
        """The last part of its URI."""
        return PurePosixPath(self.location).name

    @property
    def _bucket(self) -> Bucket:
        return shared_bucket(split_uri(self.location)[0], self.access)

    @property
    def _key(self) -> str:
        return split_uri(self.location)[1]

    def exists(self) -> bool:
        """Return whether it exists; raises OSError if the bucket cannot be reached."""
        return self._bucket.exists(self._key)

    def stat(self) -> FileStat:
        """Return its size and modification time."""
        info = self._bucket.head(self._key)
        return FileStat(info.size, info.modified)

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Download it and return the checksum of its bytes."""
        with self.localized(cancel) as path:
            return checksum(path, cancel)

    @contextmanager
    def localized(self, cancel: Cancellation = NEVER) -> Iterator[Path]:
        """Yield the path of a copy, which is deleted at the end of the context."""
        with self.cache.temporary_folder() as folder:
            path = folder / self.name
            self._bucket.download(self._key, path, cancel)
            yield path

    def cached(self, digest: str) -> Path:
        """Return the path of a copy in the cache.

        Raises
        ------
        FileChangedError
            If the object has another checksum.
        LimitError
            If the cache has no room for it.
        """
        path = self.cache.folder / "products" / digest.removeprefix("sha256:")[:32] / self.name

        def make(target: Path) -> None:
            self._bucket.download(self._key, target)
            if checksum(target) != digest:
                raise FileChangedError(
                    f"{self.location}: The object has changed since it was ingested. "
                    "Ingest it again with `spectraldb ingest`."
                )

        if not self.cache.has(path):
            self.cache.fill(path, self.stat().size, make, NEVER)
        return path


@dataclass(frozen=True)
class Sources:
    """Access to the files of products, by location.

    Threads share it, and a pickled one works in another process: it has no state of its own.
    """

    access: Access
    cache: Cache

    def of(self, location: str | Path) -> Source:
        """Return the file at a path or a URI."""
        if is_object(location):
            return ObjectSource(str(location), self.access, self.cache)
        return FileSource(Path(location))

    def list(self, folder: str) -> Iterator[str]:
        """Yield the URIs of all objects in the folder of a bucket; raises OSError."""
        bucket, prefix = split_uri(folder)
        for info in shared_bucket(bucket, self.access).list(prefix):
            yield f"{SCHEME}{bucket}/{info.name}"


@cache
def shared_bucket(name: str, access: Access) -> Bucket:
    """Return a bucket, the same for all of its objects: they share its client's connections."""
    return Bucket(SCHEME + name, access)
