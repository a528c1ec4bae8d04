"""A bucket of an S3-compatible store."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import BadQueryError
from spectraldb.storage.access import Access
from spectraldb.storage.errors import error_summary
from spectraldb.storage.objects import SCHEME, FileInfo, VersionedObject, join_key, split_uri
from spectraldb.storage.range_reader import RangeReader

if TYPE_CHECKING:
    from obstore.store import S3Store

CHUNK_BYTES = 8 * 2**20


@dataclass(frozen=True)
class Bucket:
    """A bucket or a folder in it, whose objects are written and replaced as a whole.

    Thread-safe and picklable: its only state is the client, which is created at the first request.
    If two threads send the first request at the same time, one of two clients is discarded.

    Methods raise FileNotFoundError if an object does not exist, and another OSError if the store
    cannot be reached or refuses the request.

    Raises
    ------
    BadQueryError
        If the extra `s3` is not installed.
    """

    uri: str
    """URI of the bucket or the folder, such as ``s3://bucket/folder``."""
    access: Access

    def __post_init__(self) -> None:
        """Raise BadQueryError early if the extra `s3` is not installed."""
        _obstore()

    @cached_property
    def _client(self) -> "S3Store":
        bucket, prefix = split_uri(self.uri)
        if not bucket:
            raise BadQueryError(f"{self.uri}: No bucket specified. Example: s3://bucket/folder.")
        return self.access.open(bucket, prefix.strip("/"))

    def head(self, name: str) -> FileInfo:
        """Return the size and modification time of an object."""
        with self._errors(name):
            return _file_info(_obstore().head(self._client, name))

    def exists(self, name: str) -> bool:
        """Return whether an object exists."""
        try:
            self.head(name)
        except FileNotFoundError:
            return False
        return True

    def list(self, prefix: str = "") -> Iterator[FileInfo]:
        """Yield the objects in a folder and its subfolders."""
        with self._errors(prefix):
            for page in _obstore().list(self._client, prefix or None):
                yield from map(_file_info, page)

    def get(self, name: str) -> bytes:
        """Return the content of an object."""
        with self._errors(name):
            return bytes(_obstore().get(self._client, name).bytes())

    def get_versioned(self, name: str) -> VersionedObject:
        """Return the content of an object with its version, for `replace`."""
        with self._errors(name):
            found = _obstore().get(self._client, name)
            info = _file_info(found.meta)
            return VersionedObject(bytes(found.bytes()), info, str(found.meta["e_tag"]))

    def open_ranges(self, name: str) -> RangeReader:
        """Open an object for reading ranges."""

        def read(start: int, end: int) -> bytes:
            with self._errors(name):
                return bytes(_obstore().get_range(self._client, name, start=start, end=end))

        return RangeReader(self.head(name).size, read)

    def download(self, name: str, path: Path, cancel: Cancellation = NEVER) -> None:
        """Download an object to a file, while polling `cancel`."""
        with self._errors(name), path.open("wb") as file:
            for chunk in _obstore().get(self._client, name).stream(CHUNK_BYTES):
                file.write(chunk)
                cancel.check()

    def upload(self, path: Path, name: str) -> None:
        """Upload a file atomically."""
        with self._errors(name):
            _obstore().put(self._client, name, path)

    def create(self, name: str, data: bytes) -> bool:
        """Create an object; return False if it exists already."""
        from obstore.exceptions import AlreadyExistsError  # noqa: PLC0415 - an extra

        with self._errors(name):
            try:
                _obstore().put(self._client, name, data, mode="create")
            except AlreadyExistsError:
                return False
            return True

    def replace(self, name: str, version: VersionedObject, data: bytes) -> bool:
        """Replace an object; return False if `version` is not its current version."""
        from obstore.exceptions import PreconditionError  # noqa: PLC0415 - an extra

        with self._errors(name):
            try:
                _obstore().put(self._client, name, data, mode={"e_tag": version.etag})
            except (PreconditionError, FileNotFoundError):
                return False
            return True

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; those that do not exist are ignored."""
        for name in names:
            with self._errors(name):
                try:
                    _obstore().delete(self._client, name)
                except FileNotFoundError:
                    continue

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        """Convert errors of the client into OSErrors with readable messages."""
        from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

        uri = SCHEME + join_key(self.uri.removeprefix(SCHEME), name)
        try:
            yield
        except FileNotFoundError as error:
            raise FileNotFoundError(2, "No such object", uri) from error
        except BaseError as error:
            raise OSError(
                f"{uri}: The request failed. Check the endpoint, the credentials and the bucket. "
                f"The store reported: {error_summary(error)}"
            ) from error


def _obstore() -> Any:  # noqa: ANN401 - a module
    try:
        import obstore  # noqa: PLC0415 - an extra, and only buckets need it
        import obstore.store  # noqa: PLC0415 - as above
    except ImportError as error:
        raise BadQueryError(
            "Access to buckets requires another package. Run `pip install 'spectraldb[s3]'`."
        ) from error
    return obstore


def _file_info(meta: Any) -> FileInfo:  # noqa: ANN401 - a mapping that obstore does not export
    seconds = meta["last_modified"].timestamp()
    return FileInfo(meta["path"], meta["size"], round(seconds * 1_000_000) * 1_000)
