"""The files of products: on this machine, or objects of a bucket."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Protocol

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import FileChangedError
from spectraldb.storage.cache import Cache
from spectraldb.storage.checksum import FileStat, checksum
from spectraldb.storage.objects import SCHEME, is_object, split_uri
from spectraldb.storage.s3 import Access, Bucket


class Source(Protocol):
    """The file of a product.

    Methods raise OSError where it cannot be reached; FileNotFoundError alone says that it is gone.
    """

    @property
    def location(self) -> str:
        """Where it is: a path, or the URI of an object."""

    @property
    def name(self) -> str:
        """The file's name."""

    def exists(self) -> bool:
        """Tell whether it is there; raises OSError where that cannot be known now."""

    def stat(self) -> FileStat:
        """Return its size and time of modification."""

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Return the digest of its bytes."""

    def localized(self, cancel: Cancellation = NEVER) -> AbstractContextManager[Path]:
        """Give a path to read it from, for a while."""

    def cached(self, digest: str) -> Path:
        """Return a path to read it from; `digest` is that of the bytes it is to have."""


@dataclass(frozen=True)
class FileSource:
    """A file of this machine."""

    path: Path

    @property
    def location(self) -> str:
        """Its path."""
        return str(self.path)

    @property
    def name(self) -> str:
        """Its name."""
        return self.path.name

    def exists(self) -> bool:
        """Tell whether it is there; raises PermissionError in a folder that may not be entered."""
        return self.path.exists()

    def stat(self) -> FileStat:
        """Return its state now."""
        return FileStat.of(self.path)

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Return the digest of its bytes."""
        return checksum(self.path, cancel)

    def localized(self, cancel: Cancellation = NEVER) -> AbstractContextManager[Path]:  # noqa: ARG002
        """Give its path."""
        return nullcontext(self.path)

    def cached(self, digest: str) -> Path:  # noqa: ARG002
        """Return its path."""
        return self.path


@dataclass(frozen=True)
class ObjectSource:
    """An object of a bucket."""

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
        """Tell whether it is there; raises OSError if the bucket cannot be reached."""
        return self._bucket.exists(self._key)

    def stat(self) -> FileStat:
        """Return its state now."""
        entry = self._bucket.head(self._key)
        return FileStat(entry.size, entry.modified)

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Return the digest of its bytes, which are downloaded for that."""
        with self.localized(cancel) as path:
            return checksum(path, cancel)

    @contextmanager
    def localized(self, cancel: Cancellation = NEVER) -> Iterator[Path]:
        """Give the path of a copy, which goes afterwards."""
        with self.cache.temporary_folder() as folder:
            path = folder / self.name
            self._bucket.download(self._key, path, cancel)
            yield path

    def cached(self, digest: str) -> Path:
        """Return the path of a copy in the cache.

        Raises
        ------
        FileChangedError
            If the object has other bytes.
        LimitError
            If the cache has no room for it.
        """
        path = self.cache.folder / "products" / digest.removeprefix("sha256:")[:32] / self.name

        def make(target: Path) -> None:
            self._bucket.download(self._key, target)
            if checksum(target) != digest:
                raise FileChangedError(
                    f"{self.location} has changed since it was ingested; `spectraldb ingest` it "
                    "again to serve the new one"
                )

        if not self.cache.has(path):
            self.cache.fill(path, self.stat().size, make, NEVER)
        return path


@dataclass(frozen=True)
class Sources:
    """How files of products are reached."""

    access: Access
    cache: Cache

    def of(self, location: str | Path) -> Source:
        """Return the file at a place."""
        if is_object(location):
            return ObjectSource(str(location), self.access, self.cache)
        return FileSource(Path(location))

    def list(self, folder: str) -> Iterator[str]:
        """Yield the URIs of all objects of a bucket's folder; raises OSError."""
        bucket, prefix = split_uri(folder)
        for entry in shared_bucket(bucket, self.access).list(prefix):
            yield f"{SCHEME}{bucket}/{entry.name}"


@cache
def shared_bucket(name: str, access: Access) -> Bucket:
    """Return a bucket; all of its objects share the connections of one client."""
    return Bucket(SCHEME + name, access)
