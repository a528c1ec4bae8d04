"""Files and objects: names, sizes, modification times and URIs."""

from dataclasses import dataclass

SCHEME = "s3://"


@dataclass(frozen=True)
class FileInfo:
    """Name, size and modification time of a file or an object."""

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
    """The content of an object, and the ETag that identifies this version of it."""

    data: bytes
    info: FileInfo
    etag: str


def is_object(location: object) -> bool:
    """Return whether a location is the URI of an object in a bucket, and not a path."""
    return str(location).startswith(SCHEME)


def split_uri(uri: str) -> tuple[str, str]:
    """Split the URI of an object into the name of the bucket and the key."""
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    return bucket, key


def join_key(*parts: str) -> str:
    """Join the parts of a key with single slashes, skipping empty ones."""
    return "/".join(part.strip("/") for part in parts if part.strip("/"))
