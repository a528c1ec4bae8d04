"""The interface of the storage of a lake."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.storage.objects import FileInfo

PARALLEL_DOWNLOADS = 8
"""Number of files to download in parallel."""


class Store(Protocol):
    """The files of a lake.

    Names are relative to the lake and use slashes.  Paths are inside `folder`, a local folder with
    the layout of the lake.  To add a file, write it in `folder` under a temporary name (see
    `spectraldb.storage.temporary`) and call `put`.  To read a file, call `localize` first.  Files
    never change; they are replaced or deleted as a whole.

    A packed folder, such as a segment, is added with `put_folder`, and localized and deleted as a
    unit.  In a bucket it is a single tar file.

    Stores are thread-safe and picklable.  Methods raise FileNotFoundError if a file does not
    exist, and another OSError if files cannot be accessed.
    """

    @property
    def address(self) -> str:
        """Path or URI of the lake, as users write it."""

    @property
    def folder(self) -> Path:
        """Local folder in which files are written and read."""

    @property
    def storage_options(self) -> dict[str, str] | None:
        """Storage options for opening the Delta tables."""

    @property
    def stale_seconds(self) -> float:
        """Seconds for which a change by another process may remain unnoticed."""

    def uri(self, name: str) -> str:
        """Return the URI of a folder, for Delta."""

    def location(self, name: str) -> str:
        """Return the path or URI of a file, for reading it without the store."""

    def name_of(self, location: str) -> str | None:
        """Return the name of the file at a location, or None if it is not in the lake."""

    def stat(self, name: str) -> FileInfo:
        """Return the size and modification time of a file."""

    def exists(self, name: str) -> bool:
        """Return whether a file exists; raise OSError if it cannot be accessed."""

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the files in a folder and its subfolders, including temporary files."""

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the packed folders in a folder, with their sizes."""

    def get(self, name: str) -> bytes:
        """Return the content of a file."""

    def put(self, temporary: Path, path: Path) -> None:
        """Move a temporary file to its final path and add it to the lake."""

    def put_folder(self, temporary: Path, path: Path) -> None:
        """Move a temporary folder to its final path and add it to the lake as a packed folder.

        It replaces an existing folder at this path.
        """

    def put_copy(self, path: Path, name: str) -> None:
        """Copy a file from outside the lake into it, atomically."""

    def localize(self, paths: Iterable[Path], cancel: Cancellation = NEVER) -> None:
        """Make files readable in `folder`.

        If a file does not exist, FileNotFoundError is raised now or when the file is read.

        Raises
        ------
        LimitError
            If the files do not fit into the cache.
        """

    def localize_folder(self, path: Path, cancel: Cancellation = NEVER) -> bool:
        """Make a packed folder readable in `folder`; return whether this was possible."""

    def is_local(self, path: Path) -> bool:
        """Return whether a localized folder was not evicted, and record that it is used."""

    def has_folder(self, path: Path) -> bool:
        """Return whether a packed folder exists."""

    def temporary_copies(self, paths: Iterable[Path]) -> AbstractContextManager[Sequence[Path]]:
        """Yield local paths of files that are valid inside the context.

        For work on more files than fit into the cache together.  Raises the errors of `localize`.
        """

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Open a file for reading ranges, without localizing it."""

    def delete(self, name: str) -> None:
        """Delete a file or a packed folder; do nothing if it does not exist.

        The parent folder is deleted too if it is then empty.
        """

    def exclusive(self, name: str) -> AbstractContextManager[Cancellation]:
        """Lock the lake for one kind of work, excluding all other threads and processes.

        Yields a token whose `check` raises LakeError if the lock was lost.

        Raises
        ------
        LakeError
            If the lake is locked already, or cannot be written.
        """
