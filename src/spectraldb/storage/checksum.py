"""How a file is recognised: by its size, its time of modification, and a digest of its bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PIECE_BYTES = 2**20


@dataclass(frozen=True)
class FileState:
    """Size and time of modification of a file: what a look at it costs nothing to learn."""

    size: int
    modified: int

    @classmethod
    def of(cls, path: Path) -> "FileState":
        """Return the state of a file now."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns)


def checksum(path: Path, check: Callable[[], None] = lambda: None) -> str:
    """Return the SHA-256 of a file; `check` is called now and then, and may raise."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            check()
    return "sha256:" + digest.hexdigest()
