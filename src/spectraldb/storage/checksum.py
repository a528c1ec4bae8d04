"""How a file is recognised: by its size, its time of modification, and a digest of its bytes."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation

PIECE_BYTES = 2**20


@dataclass(frozen=True)
class FileStat:
    """Size and time of modification of a file: what a look at it costs nothing to learn."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> "FileStat":
        """Return the state of a file now."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


def checksum(path: Path, cancel: Cancellation = NEVER) -> str:
    """Return the SHA-256 of a file; `cancel` is polled."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            cancel.check()
    return "sha256:" + digest.hexdigest()
