"""What a listing tells of a file or an object, and how the places of objects are written."""

from dataclasses import dataclass

SCHEME = "s3://"


@dataclass(frozen=True)
class FileInfo:
    """A file or an object."""

    name: str
    """Relative to the folder or the bucket that was listed."""
    size: int
    modified: int
    """In nanoseconds since 1970."""

    @property
    def seconds(self) -> float:
        """When it was modified, in seconds since 1970."""
        return self.modified / 1e9


def is_object(place: object) -> bool:
    """Tell whether a place is in a bucket."""
    return str(place).startswith(SCHEME)


def split_uri(uri: str) -> tuple[str, str]:
    """Return the bucket of a URI, and the name in it."""
    bucket, _, name = uri.removeprefix(SCHEME).partition("/")
    return bucket, name


def join_key(*parts: str) -> str:
    """Return parts of a name with one slash between them."""
    return "/".join(part.strip("/") for part in parts if part.strip("/"))
