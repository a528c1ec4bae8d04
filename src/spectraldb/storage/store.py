"""The interface of the storage of a lake."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.storage.objects import FileInfo

PARALLEL_DOWNLOADS = 8
"""Number of files that are downloaded at the same time."""


class Store(Protocol):
    """The files of a lake.

    Names are relative to the lake, with slashes; paths lie in `folder`, a folder of this machine
    with the layout of the lake.  A new file is written in `folder` under a temporary name (see
    `spectraldb.storage.temporary`) and becomes part of the lake with `put`; a file of the lake can
    be read there after `localize`.  Files do not change: they are replaced or deleted as a whole.
    A folder that is put as a whole is also localized and deleted as a whole.

    Threads share a store, and a pickled store works in another process.  Methods raise OSError if
    the files cannot be reached, and FileNotFoundError if the lake has no such file.
    """

    @property
    def address(self) -> str:
        """Address of the lake, as users write it."""

    @property
    def folder(self) -> Path:
        """Folder of this machine in which the files are written and read."""

    @property
    def storage_options(self) -> dict[str, str] | None:
        """Options with which Delta opens the tables."""

    @property
    def stale_seconds(self) -> float:
        """Seconds for which a change by another process may go unnoticed."""

    def uri(self, name: str) -> str:
        """Return the URI of a folder, for Delta."""

    def location(self, name: str) -> str:
        """Return the path or the URI from which a file can be read without the store."""

    def name_of(self, location: str) -> str | None:
        """Return the name of a file by its location; None if it is outside the lake."""

    def stat(self, name: str) -> FileInfo:
        """Return size and modification time of a file."""

    def exists(self, name: str) -> bool:
        """Return whether the lake has a file; raises OSError if the answer is unknown."""

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the files in a folder, at any depth; temporary files too."""

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the folders in a folder that were put as a whole, with their sizes."""

    def get(self, name: str) -> bytes:
        """Return the bytes of a file."""

    def put(self, temporary: Path, path: Path) -> None:
        """Move a temporary file to a path and make it part of the lake."""

    def put_folder(self, temporary: Path, path: Path) -> None:
        """Move a temporary folder to a path and make it part of the lake, as a whole.

        It replaces a folder of the same path.
        """

    def put_copy(self, path: Path, name: str) -> None:
        """Copy a file from elsewhere into the lake, as a whole or not at all."""

    def localize(self, paths: Iterable[Path], cancel: Cancellation = NEVER) -> None:
        """Make files readable in `folder`.

        A file that the lake does not have raises FileNotFoundError, here or when it is read.

        Raises
        ------
        LimitError
            If the cache has no room for them.
        """

    def localize_folder(self, path: Path, cancel: Cancellation = NEVER) -> bool:
        """Make a folder that was put as a whole readable; return whether that was possible."""

    def is_local(self, path: Path) -> bool:
        """Return whether a localized folder is still there, and count this as a use of it."""

    def has_folder(self, path: Path) -> bool:
        """Return whether the lake has a folder that was put as a whole."""

    def temporary_copies(self, paths: Iterable[Path]) -> AbstractContextManager[Sequence[Path]]:
        """Yield paths from which files can be read inside the context; raises as `localize`.

        For work on more files than fit into the cache together.
        """

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Open a file for reading ranges of it, without localizing it."""

    def delete(self, name: str) -> None:
        """Delete a file, or a folder that was put as a whole; no error if there is none.

        The folder around it is deleted too if it is empty then.
        """

    def exclusive(self, name: str) -> AbstractContextManager[Cancellation]:
        """Lock the lake for a kind of work, against all other threads and processes.

        Yields a token whose `check` raises LakeError if the lock was lost.

        Raises
        ------
        LakeError
            If it is locked already.
        """
