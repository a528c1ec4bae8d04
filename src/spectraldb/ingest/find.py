"""Find the files that paths, folders, globs and bucket URIs stand for."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from spectraldb.storage.objects import is_object
from spectraldb.storage.source import FileSource, Source, Sources

_SUFFIXES = (".fits", ".fits.gz")
_WILDCARD = re.compile(r"[*?\[]")

FilePattern = str | Path | Source
"""A path, a folder or a glob, the URI of one of these in a bucket, or a `Source`."""


def find_files(patterns: Iterable[FilePattern], sources: Sources) -> Iterator[Source]:
    """Yield the files that match patterns, in order and without duplicates.

    A folder, local or in a bucket, stands for the FITS files in it, at any depth.  A path that
    does not exist is also yielded, so that the reader reports the error.

    Raises
    ------
    OSError
        If a bucket cannot be listed.
    """
    found: set[str] = set()
    for pattern in patterns:
        for source in _expand(pattern, sources):
            if source.location not in found:
                found.add(source.location)
                yield source


def _expand(pattern: FilePattern, sources: Sources) -> Iterator[Source]:
    if not isinstance(pattern, str | Path):
        yield pattern
    elif is_object(pattern):
        yield from map(sources.of, _objects(str(pattern), sources))
    else:
        yield from (FileSource(path.absolute()) for path in _paths(str(pattern)))


def _paths(pattern: str) -> Iterator[Path]:
    path = Path(os.path.expanduser(pattern))  # noqa: PTH111 - Path raises for an unknown ~user
    matches = [path] if _exists(path) else [Path(match) for match in sorted(_glob(path))]
    for match in matches or [path]:
        if _exists(match) and match.is_dir():
            files = (file for file in match.rglob("*") if _is_fits(file))
            yield from sorted(file for file in files if not _is_hidden(file, match))
        else:
            yield match


def _exists(path: Path) -> bool:
    """Return whether a path exists; False if its folder is not accessible."""
    try:
        return path.exists()
    except OSError:
        return False


def _glob(path: Path) -> list[str]:
    return glob.glob(str(path), recursive=True)  # noqa: PTH207 - Path.glob rejects absolute ones


def _is_fits(path: Path) -> bool:
    # Broken links are included, so that they are reported.
    return path.name.lower().endswith(_SUFFIXES) and (path.is_file() or path.is_symlink())


def _is_hidden(file: Path, folder: Path) -> bool:
    """Return whether a file, or a folder between it and the given one, begins with a dot."""
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _objects(pattern: str, sources: Sources) -> list[str]:
    """Return the objects that match a URI, a folder or a glob; ``*`` also matches slashes."""
    is_glob = _WILDCARD.search(pattern)
    if pattern.lower().endswith(_SUFFIXES) and not is_glob:
        return [pattern]
    folder = _WILDCARD.split(pattern)[0].rpartition("/")[0] if is_glob else pattern
    uris = [uri for uri in sources.list(folder) if uri.lower().endswith(_SUFFIXES)]
    if is_glob:
        uris = [uri for uri in uris if fnmatchcase(uri, pattern)]
    return sorted(uris) or [pattern]
