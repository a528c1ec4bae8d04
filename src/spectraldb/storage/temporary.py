"""Temporary names of files and folders that are being written or deleted.

A complete file or folder is renamed to its final name, and renamed to a temporary one before it is
deleted, so that no process ever sees a part of it.  Files of a killed process are found by their
temporary names and deleted later.
"""

import shutil
import uuid
from contextlib import suppress
from pathlib import Path, PurePath

MARK = ".partial-"

MAX_ATTEMPTS = 100
"""Maximum number of attempts to create a file in a folder that other processes delete."""


def temporary_path(path: Path) -> Path:
    """Return a new, unique temporary path in the same folder as a path."""
    return path.with_name(f"{path.name}{MARK}{uuid.uuid4().hex}")


def is_temporary(path: str | PurePath) -> bool:
    """Return whether the last part of a path is a temporary name."""
    return MARK in PurePath(path).name


def create_temporary(path: Path) -> Path:
    """Create an empty file at a new temporary path, and its folder if necessary.

    The file prevents `Store.delete` from deleting the folder as an empty one.
    """
    temporary = temporary_path(path)
    for _ in range(MAX_ATTEMPTS - 1):
        # Another process may delete the folder while it is empty.
        with suppress(FileNotFoundError, FileExistsError):
            return _create(temporary)
    return _create(temporary)


def _create(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(exist_ok=False)
    return path


def remove(path: Path) -> None:
    """Delete a file or a folder if it exists; skip contents that cannot be deleted."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def remove_whole(path: Path) -> None:
    """Delete a file or a folder if it exists, atomically for other processes."""
    doomed = temporary_path(path)
    with suppress(FileNotFoundError):
        path.rename(doomed)
        remove(doomed)
