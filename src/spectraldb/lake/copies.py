"""Copies of files that the lake keeps in its own folder."""

import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

from spectraldb.errors import LakeError
from spectraldb.lake.checksum import checksum
from spectraldb.lake.lake import Lake


def keep_copy(copies: Path, path: Path, digest: str) -> Path:
    """Copy a file into the folder of copies, whole or not at all, and return where it is.

    A copy's folder is called by the digest of its bytes: a changed file never meets its
    forerunner's copy.
    """
    target = copies / digest.removeprefix("sha256:")[:32] / path.name
    if target.exists() and checksum(target) == digest:
        return target
    # Of its own name: another process may be copying the same file.
    partial = target.with_name(f"{target.name}.{uuid.uuid4().hex}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, partial)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise LakeError(f"a copy of {path.name} cannot be written: {error}") from error
    return target


def drop_copies(lake: Lake, places: Iterable[str]) -> None:
    """Delete those of some files that are copies in the lake; no other file is touched."""
    for place in map(Path, places):
        if place.is_relative_to(lake.copies):
            place.unlink(missing_ok=True)
            if not any(place.parent.iterdir()):
                place.parent.rmdir()
