"""The FITS files of products: local files, or objects in buckets."""

import stat
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
    """The FITS file of a product.

    Thread-safe and picklable.  Methods raise FileNotFoundError if the file does not exist, and
    another OSError if it cannot be accessed.
    """

    @property
    def location(self) -> str:
        """Path of the file, or URI of the object."""

    @property
    def name(self) -> str:
        """File name."""

    def exists(self) -> bool:
        """Return whether the file exists; raise OSError if it cannot be accessed."""

    def stat(self) -> FileStat:
        """Return the size and modification time."""

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Return the checksum of the content; see `spectraldb.storage.checksum`."""

    def localized(self, cancel: Cancellation = NEVER) -> AbstractContextManager[Path]:
        """Yield a local path of the file that is valid inside the context."""

    def cached(self, digest: str) -> Path:
        """Return a local path of the file, which stays in the cache for some time.

        Parameters
        ----------
        digest
            Expected checksum of the content.
        """


@dataclass(frozen=True)
class FileSource:
    """A local file; implements `Source`."""

    path: Path

    @property
    def location(self) -> str:
        """Path of the file."""
        return str(self.path)

    @property
    def name(self) -> str:
        """File name."""
        return self.path.name

    def exists(self) -> bool:
        """Return whether the file exists; raise PermissionError if its folder is not accessible."""
        return self.path.exists()

    def is_special(self) -> bool:
        """Return whether the path is a device, a pipe or a socket, which must not be opened."""
        try:
            mode = self.path.stat().st_mode
        except OSError:
            return False  # reported when the file is read
        return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))

    def stat(self) -> FileStat:
        """Return the size and modification time."""
        return FileStat.of(self.path)

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Return the checksum of the content."""
        return checksum(self.path, cancel)

    def localized(
        self,
        cancel: Cancellation = NEVER,  # noqa: ARG002 - already local
    ) -> AbstractContextManager[Path]:
        """Yield the path of the file itself."""
        return nullcontext(self.path)

    def cached(self, digest: str) -> Path:  # noqa: ARG002 - the caller checks a local file
        """Return the path of the file itself."""
        return self.path


@dataclass(frozen=True)
class ObjectSource:
    """An object in a bucket; implements `Source`."""

    location: str
    access: Access
    cache: Cache

    @property
    def name(self) -> str:
        """Last part of the URI."""
        return PurePosixPath(self.location).name

    @property
    def _bucket(self) -> Bucket:
        return shared_bucket(split_uri(self.location)[0], self.access)

    @property
    def _key(self) -> str:
        return split_uri(self.location)[1]

    def exists(self) -> bool:
        """Return whether the object exists; raise OSError if the bucket cannot be reached."""
        return self._bucket.exists(self._key)

    def stat(self) -> FileStat:
        """Return the size and modification time."""
        info = self._bucket.head(self._key)
        return FileStat(info.size, info.modified)

    def checksum(self, cancel: Cancellation = NEVER) -> str:
        """Download the object and return the checksum of its content."""
        with self.localized(cancel) as path:
            return checksum(path, cancel)

    @contextmanager
    def localized(self, cancel: Cancellation = NEVER) -> Iterator[Path]:
        """Yield the path of a copy that is deleted at the end of the context."""
        with self.cache.temporary_folder() as folder:
            path = folder / self.name
            self._bucket.download(self._key, path, cancel)
            yield path

    def cached(self, digest: str) -> Path:
        """Return the path of a copy in the cache, downloading the object if necessary.

        Raises
        ------
        FileChangedError
            If the object has another checksum.
        LimitError
            If the object does not fit into the cache.
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

    Thread-safe and picklable: it has no state besides its parameters.
    """

    access: Access
    cache: Cache

    def of(self, location: str | Path) -> Source:
        """Return the file at a path or a URI."""
        if is_object(location):
            return ObjectSource(str(location), self.access, self.cache)
        return FileSource(Path(location))

    def list(self, folder: str) -> Iterator[str]:
        """Yield the URIs of all objects in a folder of a bucket; raise OSError if this fails."""
        bucket, prefix = split_uri(folder)
        for info in shared_bucket(bucket, self.access).list(prefix):
            yield f"{SCHEME}{bucket}/{info.name}"


@cache
def shared_bucket(name: str, access: Access) -> Bucket:
    """Return a bucket; calls for the same bucket share one client and its connections."""
    return Bucket(SCHEME + name, access)
