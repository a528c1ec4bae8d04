"""Which files the words on a command line mean."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from spectraldb.storage.objects import is_object
from spectraldb.storage.source import FileSource, Source, Sources

_ENDINGS = (".fits", ".fits.gz")
_WILD = re.compile(r"[*?\[]")

Word = str | Path | Source


def find_files(words: Iterable[Word], sources: Sources) -> Iterator[Source]:
    """Yield the files that paths, folders and globs mean, each once, in order.

    A folder means the FITS files in it, at any depth, and so does one of a bucket.  A path of
    nothing is yielded as it is: that it is not there is for the reader to say.

    Raises
    ------
    OSError
        If a bucket cannot be listed.
    """
    seen: set[str] = set()
    for word in words:
        for source in _sources(word, sources):
            if source.location not in seen:
                seen.add(source.location)
                yield source


def _sources(word: Word, sources: Sources) -> Iterator[Source]:
    if not isinstance(word, str | Path):
        yield word
    elif is_object(word):
        yield from map(sources.of, _objects(str(word), sources))
    else:
        yield from (FileSource(path.absolute()) for path in _paths(str(word)))


def _paths(word: str) -> Iterator[Path]:
    path = Path(os.path.expanduser(word))  # noqa: PTH111 - which leaves ~nobody as it is
    matches = [path] if _is_there(path) else [Path(m) for m in sorted(_glob(path))]
    for match in matches or [path]:
        if _is_there(match) and match.is_dir():
            yield from sorted(p for p in match.rglob("*") if _is_fits(p))
        else:
            yield match


def _is_there(path: Path) -> bool:
    """Tell whether a path is there; one in a folder that may not be entered is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _glob(path: Path) -> list[str]:
    return glob.glob(str(path), recursive=True)  # noqa: PTH207 - absolute patterns too


def _is_fits(path: Path) -> bool:
    # A link that leads nowhere is told of, not passed over.
    return path.name.lower().endswith(_ENDINGS) and (path.is_file() or path.is_symlink())


def _objects(word: str, sources: Sources) -> list[str]:
    """Return the objects that a URI, a folder or a pattern means; * stands for folders too."""
    if word.lower().endswith(_ENDINGS) and not _WILD.search(word):
        return [word]
    folder = _WILD.split(word)[0].rpartition("/")[0] if _WILD.search(word) else word
    listed = [uri for uri in sources.list(folder) if uri.lower().endswith(_ENDINGS)]
    if _WILD.search(word):
        listed = [uri for uri in listed if fnmatchcase(uri, word)]
    return sorted(listed) or [word]
