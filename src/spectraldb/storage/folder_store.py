"""A lake in a folder of this machine."""

import io
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import filelock

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import LakeError
from spectraldb.storage.lock import BUSY
from spectraldb.storage.objects import FileInfo
from spectraldb.storage.temporary import create_temporary


class FolderStore:
    """A lake in a folder: what is written there is part of it, and all of it is here."""

    stale_seconds = 0.0
    storage_options = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        if odd := [c for c in "%[]\\" if c in str(self.folder)]:
            raise LakeError(
                f"a lake cannot lie in a folder with {' or '.join(odd)} in its path: "
                f"{self.folder}; choose another with --lake"
            )

    @property
    def address(self) -> str:
        """The folder."""
        return str(self.folder)

    def uri(self, name: str) -> str:
        """Return the URI of a folder, in which no character is taken for anything else."""
        return (self.folder / name).as_uri()

    def location(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.folder / name)

    def name_of(self, location: str) -> str | None:
        """Return the name of a file by its path."""
        path = Path(location)
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else None

    def stat(self, name: str) -> FileInfo:
        """Return size and time of a file."""
        path = self.folder / name
        return self._info(path, path.stat())

    def exists(self, name: str) -> bool:
        """Return whether there is a file."""
        try:
            self.stat(name)
        except FileNotFoundError:
            return False
        return True

    def list(self, folder: str) -> Iterator[FileInfo]:
        """Yield the files in a folder."""
        for path, status in _files(self.folder / folder):
            yield self._info(path, status)

    def list_folders(self, folder: str) -> Iterator[FileInfo]:
        """Yield the folders in a folder, with the size of all in them."""
        for path in (self.folder / folder).glob("*"):
            if status := _status(path):
                inside = sum(each.st_size for _, each in _files(path))
                size = inside if stat.S_ISDIR(status.st_mode) else status.st_size
                yield FileInfo(path.relative_to(self.folder).as_posix(), size, status.st_mtime_ns)

    def get(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return (self.folder / name).read_bytes()

    def put(self, made: Path, path: Path) -> None:
        """Give a file its name."""
        made.rename(path)

    def put_folder(self, made: Path, path: Path) -> None:
        """Give a folder its name."""
        shutil.rmtree(path, ignore_errors=True)
        made.rename(path)

    def localize(self, paths: Iterable[Path], cancel: Cancellation = NEVER) -> None:
        """Do nothing: they are here."""

    def temporary_copies(self, paths: Iterable[Path]) -> AbstractContextManager[Sequence[Path]]:
        """Give their own paths."""
        return nullcontext(list(paths))

    def open_ranges(self, path: Path) -> io.RawIOBase:
        """Open a file."""
        return path.open("rb", buffering=0)

    def has_folder(self, path: Path) -> bool:
        """Tell whether a folder is there."""
        return path.is_dir()

    def localize_folder(self, path: Path, cancel: Cancellation = NEVER) -> bool:  # noqa: ARG002
        """Tell whether a folder is there."""
        return path.is_dir()

    def is_local(self, path: Path) -> bool:  # noqa: ARG002
        """Tell that it is: nothing is taken away to make room."""
        return True

    def put_copy(self, path: Path, name: str) -> None:
        """Copy a file into the lake, its time of modification too."""
        target = self.folder / name
        temporary = create_temporary(target)
        try:
            shutil.copy2(path, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Delete a file, and the folder around it if it is empty then."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()

    def delete(self, name: str) -> None:
        """Delete a file or a folder; what cannot be deleted now may be later."""
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[Cancellation]:
        """Keep others away by a lock, which goes when the process does, and no sooner."""
        try:
            with filelock.FileLock(self.folder / name, timeout=0):
                yield NEVER
        except filelock.Timeout as error:
            raise LakeError(BUSY) from error
        except OSError as error:
            raise LakeError(f"the lake cannot be written: {error}") from error

    def _info(self, path: Path, status: os.stat_result) -> FileInfo:
        return FileInfo(str(path.relative_to(self.folder)), status.st_size, status.st_mtime_ns)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the files in a folder, at any depth, and what is known of them."""
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names):
            status = _status(path)
            if status and stat.S_ISREG(status.st_mode):
                yield path, status


def _status(path: Path) -> os.stat_result | None:
    """Return what is known of a path; None of one that another process took away just now."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None
