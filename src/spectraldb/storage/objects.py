"""Names, sizes and times of files and objects."""

from dataclasses import dataclass

SCHEME = "s3://"


@dataclass(frozen=True)
class FileInfo:
    """A file or an object, as a listing has it."""

    name: str
    """Relative to the lake or the bucket."""
    size: int
    """In bytes."""
    modified: int
    """In nanoseconds since 1970."""

    @property
    def seconds(self) -> float:
        """Modification time in seconds since 1970."""
        return self.modified / 1e9


@dataclass(frozen=True)
class VersionedObject:
    """The bytes of an object, and the tag that tells them from those of a later version."""

    data: bytes
    info: FileInfo
    etag: str


def is_object(location: object) -> bool:
    """Return whether a path or a URI is that of an object in a bucket."""
    return str(location).startswith(SCHEME)


def split_uri(uri: str) -> tuple[str, str]:
    """Return the bucket of a URI and the key of the object in it."""
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    return bucket, key


def join_key(*parts: str) -> str:
    """Return a key of the parts that are not empty, with one slash between them."""
    return "/".join(part.strip("/") for part in parts if part.strip("/"))
