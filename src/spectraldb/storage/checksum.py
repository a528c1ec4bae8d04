"""Identification of files by size and modification time, or by a checksum."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation

CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class FileStat:
    """Size and modification time of a file, known without reading it."""

    size: int
    """In bytes."""
    modified: int
    """In nanoseconds since 1970."""

    @classmethod
    def of(cls, path: Path) -> "FileStat":
        """Return the size and modification time of a local file."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


def checksum(path: Path, cancel: Cancellation = NEVER) -> str:
    """Return the SHA-256 of a file, as in ``sha256:9f86d0...``, while polling `cancel`."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            cancel.check()
    return "sha256:" + digest.hexdigest()
