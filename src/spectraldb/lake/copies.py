"""Copies of files that the lake keeps in its own folder."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from spectraldb.lake.checksum import FileState
from spectraldb.lake.lake import Lake


def keep_copy(copies: Path, path: Path, digest: str) -> Path:
    """Copy a file into the folder of copies, whole or not at all, and return where it is.

    A copy's folder is called by the digest of its bytes: a changed file never meets its
    forerunner's copy.
    """
    target = copies / digest.removeprefix("sha256:")[:32] / path.name
    if not target.exists() or FileState.of(target).size != FileState.of(path).size:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".partial")
        shutil.copy2(path, partial)
        partial.replace(target)
    return target


def drop_copies(lake: Lake, places: Iterable[str]) -> None:
    """Delete those of some files that are copies in the lake; no other file is touched."""
    for place in map(Path, places):
        if place.is_relative_to(lake.copies):
            place.unlink(missing_ok=True)
            if not any(place.parent.iterdir()):
                place.parent.rmdir()
