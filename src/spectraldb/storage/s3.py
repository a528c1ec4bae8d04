"""A bucket of an S3-compatible store: objects come and go whole."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import BadQueryError
from spectraldb.storage.errors import error_summary
from spectraldb.storage.objects import SCHEME, FileInfo, join_key, split_uri
from spectraldb.storage.range_reader import RangeReader

if TYPE_CHECKING:
    from obstore.store import S3Store

PIECE_BYTES = 8 * 2**20
RETRIES = 12
"""More than fit into the time below, as pauses between them grow from 0.1 s twofold."""
RETRY_SECONDS = 10
"""For so long an answer is asked for again: a store that restarts is back by then."""
CONNECT_SECONDS = 5
READ_SECONDS = 10
"""A store that is connected and says nothing for so long does not answer."""


@dataclass(frozen=True)
class Access:
    """How buckets are reached; credentials come from the environment, as AWS names them."""

    endpoint: str = ""
    """Address of the store; empty for AWS_ENDPOINT_URL, or Amazon's own."""
    region: str = ""

    @property
    def delta_options(self) -> dict[str, str]:
        """The options by which Delta reaches tables."""
        given = {"aws_endpoint_url": self.address, "aws_region": self.region}
        return {
            **{name: value for name, value in given.items() if value},
            "aws_conditional_put": "etag",
            "allow_http": "true",
            "max_retries": str(RETRIES),
            "retry_timeout": f"{RETRY_SECONDS}s",
            "connect_timeout": f"{CONNECT_SECONDS}s",
        }

    @property
    def address(self) -> str:
        """The address of the store; empty for Amazon's own."""
        return self.endpoint or os.environ.get("AWS_ENDPOINT_URL", "")

    def open(self, bucket: str, prefix: str) -> "S3Store":
        """Return the store of a bucket, or of a folder in it."""
        from obstore.store import S3Store  # noqa: PLC0415 - an extra

        # Told expressly: None would be none, and hide what the environment says.
        config = {"endpoint": self.address, "region": self.region}
        return S3Store(
            bucket,
            prefix=prefix or None,
            config={name: value for name, value in config.items() if value},  # type: ignore[arg-type]
            client_options={
                "allow_http": True,
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "read_timeout": timedelta(seconds=READ_SECONDS),
                "timeout": timedelta(days=1),
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=RETRY_SECONDS),
            },
        )


@dataclass(frozen=True)
class VersionedObject:
    """An object as it was when it was looked at."""

    data: bytes
    info: FileInfo
    etag: str
    """Of these bytes: others have another."""


@dataclass(frozen=True)
class Bucket:
    """A bucket, or a folder in it.

    Every method raises OSError where the store cannot be reached or refuses, with a message that
    says what to look at; FileNotFoundError where there is no such object.
    """

    uri: str
    """As in ``s3://bucket/folder``."""
    access: Access = Access()

    def __post_init__(self) -> None:
        """Raise BadQueryError where the extra is not installed, before anything is done."""
        _obstore()

    @cached_property
    def _store(self) -> "S3Store":
        bucket, prefix = split_uri(self.uri)
        if not bucket:
            raise BadQueryError(f"{self.uri!r} names no bucket; write it as s3://bucket/folder")
        return self.access.open(bucket, prefix.strip("/"))

    def head(self, name: str) -> FileInfo:
        """Return size and time of an object."""
        with self._told(name):
            return _file_info(_obstore().head(self._store, name))

    def exists(self, name: str) -> bool:
        """Tell whether there is an object."""
        try:
            self.head(name)
        except FileNotFoundError:
            return False
        return True

    def list(self, prefix: str = "") -> Iterator[FileInfo]:
        """Yield all objects of a folder, at any depth."""
        with self._told(prefix):
            for some in _obstore().list(self._store, prefix or None):
                yield from map(_file_info, some)

    def get(self, name: str) -> bytes:
        """Return the bytes of an object."""
        with self._told(name):
            return bytes(_obstore().get(self._store, name).bytes())

    def get_versioned(self, name: str) -> VersionedObject:
        """Return an object, and what tells it from any that takes its place."""
        with self._told(name):
            found = _obstore().get(self._store, name)
            info = _file_info(found.meta)
            return VersionedObject(bytes(found.bytes()), info, str(found.meta["e_tag"]))

    def open_ranges(self, name: str) -> RangeReader:
        """Return an object as a file of which parts are read."""

        def read(start: int, end: int) -> bytes:
            with self._told(name):
                return bytes(_obstore().get_range(self._store, name, start=start, end=end))

        return RangeReader(self.head(name).size, read)

    def download(self, name: str, path: Path, cancel: Cancellation = NEVER) -> None:
        """Write an object into a file."""
        with self._told(name), path.open("wb") as file:
            for piece in _obstore().get(self._store, name).stream(PIECE_BYTES):
                file.write(piece)
                cancel.check()

    def upload(self, path: Path, name: str) -> None:
        """Make a file an object, whole or not at all."""
        with self._told(name):
            _obstore().put(self._store, name, path)

    def create(self, name: str, data: bytes) -> bool:
        """Make bytes an object if there is none; tell whether that was so."""
        from obstore.exceptions import AlreadyExistsError  # noqa: PLC0415 - an extra

        obstore = _obstore()
        with self._told(name):
            try:
                obstore.put(self._store, name, data, mode="create")
            except AlreadyExistsError:
                return False
            return True

    def replace(self, name: str, version: VersionedObject, data: bytes) -> bool:
        """Make bytes an object in the place of one, if that is still there; tell whether it was."""
        from obstore.exceptions import PreconditionError  # noqa: PLC0415 - an extra

        with self._told(name):
            try:
                _obstore().put(self._store, name, data, mode={"e_tag": version.etag})
            except (PreconditionError, FileNotFoundError):
                return False
            return True

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; those that are not there are passed over."""
        for name in names:
            with self._told(name):
                try:
                    _obstore().delete(self._store, name)
                except FileNotFoundError:
                    continue

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        from obstore.exceptions import BaseError  # noqa: PLC0415 - an extra

        place = join_key(self.uri.removeprefix(SCHEME), name)
        try:
            yield
        except FileNotFoundError as error:
            raise FileNotFoundError(2, "there is no such object", f"{SCHEME}{place}") from error
        except BaseError as error:
            told = f"{error_summary(error)} (look at the endpoint, the credentials and the bucket)"
            raise OSError(f"{SCHEME}{place} cannot be reached: {told}") from error


def _obstore() -> Any:  # noqa: ANN401 - a module
    try:
        import obstore  # noqa: PLC0415 - an extra, and only buckets need it
        import obstore.store  # noqa: PLC0415
    except ImportError as error:
        raise BadQueryError(
            "places in a bucket need one more package: pip install 'spectraldb[s3]'"
        ) from error
    return obstore


def _file_info(found: object) -> FileInfo:
    meta: dict[str, object] = dict(found)  # type: ignore[call-overload]
    modified = meta["last_modified"]
    seconds = modified.timestamp()  # type: ignore[attr-defined]
    return FileInfo(str(meta["path"]), int(str(meta["size"])), round(seconds * 1_000_000) * 1_000)
