"""Where the files of a lake are: in a folder of this machine, or in a bucket."""

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
    """The files of a lake; names are relative to the lake.

    Files are written and read in a folder of this machine.  What is written there, under another
    name, becomes part of the lake when it is published; what is read there has to be brought
    first.  Methods raise OSError where the files cannot be reached.
    """

    @property
    def address(self) -> str:
        """Where the lake is, as a user writes it."""

    @property
    def folder(self) -> Path:
        """Its folder on this machine."""

    @property
    def storage_options(self) -> dict[str, str] | None:
        """How Delta reaches its tables."""

    @property
    def stale_seconds(self) -> float:
        """For so long it may go unnoticed that another process changed the lake."""

    def uri(self, name: str) -> str:
        """Return the URI of a folder of it."""

    def location(self, name: str) -> str:
        """Return where a file of it can be read from by anyone who reaches the lake."""

    def name_of(self, location: str) -> str | None:
        """Return the name of what is in the lake, by where it is; None for what is elsewhere."""

    def stat(self, name: str) -> FileInfo:
        """Return what is known of a file; raises FileNotFoundError."""

    def exists(self, name: str) -> bool:
        """Return whether the lake has a file; raises OSError if that cannot be known."""

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the files in a folder, at any depth."""

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the folders in a folder that were published as a whole, with their sizes."""

    def get(self, name: str) -> bytes:
        """Return the bytes of a file."""

    def put(self, made: Path, path: Path) -> None:
        """Make a file part of the lake that was written beside its place here."""

    def put_folder(self, made: Path, path: Path) -> None:
        """Make a folder part of the lake, as a whole, in the place of one that is there."""

    def localize(self, paths: Iterable[Path], cancel: Cancellation = NEVER) -> None:
        """Have files of the lake here; raises LimitError if they need too much room."""

    def temporary_copies(self, paths: Iterable[Path]) -> AbstractContextManager[Sequence[Path]]:
        """Give paths to read files of the lake from, for a while; raises as `localize`.

        For work that goes through more files than there may be room for at once.
        """

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Return a file of the lake of which only parts are read, wherever it is."""

    def has_folder(self, path: Path) -> bool:
        """Tell whether a folder was published as a whole."""

    def localize_folder(self, path: Path, cancel: Cancellation = NEVER) -> bool:
        """Have a folder that was published as a whole here; tell whether that could be done."""

    def is_local(self, path: Path) -> bool:
        """Tell whether a folder that was brought is still here; it then stays for a while."""

    def put_copy(self, path: Path, name: str) -> None:
        """Make a copy of a file elsewhere a file of the lake, whole or not at all."""

    def drop(self, name: str) -> None:
        """Delete a file that was kept."""

    def delete(self, name: str) -> None:
        """Delete a file, or a folder that was published as a whole."""

    def exclusive(self, name: str) -> AbstractContextManager[Cancellation]:
        """Keep other processes from a kind of work; raises LakeError if one is at it.

        Yields a token to poll as the work goes on: its `check` raises LakeError once another
        process may have taken over.
        """
