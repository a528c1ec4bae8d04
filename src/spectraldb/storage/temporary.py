"""Temporary names of files and folders that are being written.

A file or folder gets its own name by a rename once it is whole, and loses it by a rename before it
is deleted, so that no process ever reads a part of it.  What a killed process leaves has a
temporary name, by which it is found and deleted later.
"""

import shutil
import uuid
from contextlib import suppress
from pathlib import Path, PurePath

MARK = ".partial-"

MAX_ATTEMPTS = 100
"""Attempts to create a file in a folder that other processes delete."""


def temporary_path(path: Path) -> Path:
    """Return a new temporary path beside a path; no other process uses it."""
    return path.with_name(f"{path.name}{MARK}{uuid.uuid4().hex}")


def is_temporary(path: str | PurePath) -> bool:
    """Return whether the last part of a path is a temporary name."""
    return MARK in PurePath(path).name


def create_temporary(path: Path) -> Path:
    """Create an empty file at a temporary path, and its folder if there is none.

    The file keeps the folder from being deleted as an empty one; see `Store.delete`.
    """
    temporary = temporary_path(path)
    for _ in range(MAX_ATTEMPTS - 1):
        # While the folder is empty, another process may delete it.
        with suppress(FileNotFoundError, FileExistsError):
            return _create(temporary)
    return _create(temporary)


def _create(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(exist_ok=False)
    return path


def remove(path: Path) -> None:
    """Delete a file or a folder, if it exists; of a folder as much as can be deleted."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def remove_whole(path: Path) -> None:
    """Delete a file or a folder, if it exists, so that no process sees a part of it."""
    doomed = temporary_path(path)
    with suppress(FileNotFoundError):
        path.rename(doomed)
        remove(doomed)
