"""A lake in a local folder."""

import io
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import LakeError
from spectraldb.storage.lock import folder_lock
from spectraldb.storage.objects import FileInfo
from spectraldb.storage.temporary import create_temporary, remove_whole, temporary_path


class FolderStore:
    """A lake in a local folder; implements `Store`.

    Safe for threads and processes: its only state is the path of the folder.

    Parameters
    ----------
    folder
        Path of the lake.

    Raises
    ------
    LakeError
        If the path contains characters that are special to Delta or DuckDB.
    """

    stale_seconds = 0.0
    storage_options = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        if odd := [c for c in "%[]\\" if c in str(self.folder)]:
            raise LakeError(
                f"{self.folder}: The path of a lake cannot contain {' or '.join(odd)}. "
                "Choose another folder with --lake or SPECTRALDB_LAKE."
            )

    @property
    def address(self) -> str:
        """Path of the folder."""
        return str(self.folder)

    def uri(self, name: str) -> str:
        """Return the file URI of a folder, with special characters escaped."""
        return (self.folder / name).as_uri()

    def location(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.folder / name)

    def name_of(self, location: str) -> str | None:
        """Return the name of the file at a path, or None if it is not in the lake."""
        path = Path(location)
        return self._name(path) if path.is_relative_to(self.folder) else None

    def stat(self, name: str) -> FileInfo:
        """Return the size and modification time of a file."""
        path = self.folder / name
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError(2, "Not a file", str(path))
        return self._info(path, status)

    def exists(self, name: str) -> bool:
        """Return whether a file exists; raise OSError if its folder cannot be read."""
        try:
            self.stat(name)
        except FileNotFoundError:
            return False
        return True

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the files in a folder and its subfolders."""
        for path, status in _files(self.folder / folder):
            yield self._info(path, status)

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the folders in a folder, with the total sizes of their files."""
        for path in (self.folder / folder).glob("*"):
            status = _stat(path)
            if status and stat.S_ISDIR(status.st_mode):
                size = sum(each.st_size for _, each in _files(path))
                yield FileInfo(self._name(path), size, status.st_mtime_ns)

    def get(self, name: str) -> bytes:
        """Return the content of a file."""
        return (self.folder / name).read_bytes()

    def put(self, temporary: Path, path: Path) -> None:
        """Rename a temporary file to its final path."""
        temporary.replace(path)

    def put_folder(self, temporary: Path, path: Path) -> None:
        """Rename a temporary folder to its final path, and delete the folder that it replaces."""
        replaced = temporary_path(path)
        with suppress(FileNotFoundError):
            path.rename(replaced)
        temporary.rename(path)
        shutil.rmtree(replaced, ignore_errors=True)

    def put_copy(self, path: Path, name: str) -> None:
        """Copy a file into the lake, including its modification time."""
        target = self.folder / name
        temporary = create_temporary(target)
        try:
            shutil.copy2(path, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def localize(self, paths: Iterable[Path], cancel: Cancellation = NEVER) -> None:
        """Do nothing: files are local."""

    def localize_folder(self, path: Path, cancel: Cancellation = NEVER) -> bool:  # noqa: ARG002 - local
        """Return whether a folder exists."""
        return path.is_dir()

    def is_local(self, path: Path) -> bool:  # noqa: ARG002 - nothing is evicted
        """Return True: local folders are never evicted."""
        return True

    def has_folder(self, path: Path) -> bool:
        """Return whether a folder exists."""
        return path.is_dir()

    def temporary_copies(self, paths: Iterable[Path]) -> AbstractContextManager[Sequence[Path]]:
        """Yield the paths of the files themselves."""
        return nullcontext(tuple(paths))

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Open a file without buffering."""
        return path.open("rb", buffering=0)

    def delete(self, name: str) -> None:
        """Delete a file or a folder, and its parent folder if that is then empty.

        A folder that cannot be deleted stays until a later attempt.
        """
        path = self.folder / name
        if path.is_dir():
            with suppress(OSError):
                remove_whole(path)
        else:
            path.unlink(missing_ok=True)
        if path.parent != self.folder:
            with suppress(OSError):
                path.parent.rmdir()

    def exclusive(self, name: str) -> AbstractContextManager[Cancellation]:
        """Lock the lake; see `folder_lock`."""
        return folder_lock(self.folder / name)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _info(self, path: Path, status: os.stat_result) -> FileInfo:
        return FileInfo(self._name(path), status.st_size, status.st_mtime_ns)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the files in a folder and its subfolders, with their status."""
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            status = _stat(path)
            if status and stat.S_ISREG(status.st_mode):
                yield path, status


def _stat(path: Path) -> os.stat_result | None:
    """Return the status of a path, or None if it was just deleted."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
