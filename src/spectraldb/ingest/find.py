"""Which files the words on a command line mean."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from spectraldb.ingest.known import is_there

_ENDINGS = (".fits", ".fits.gz")


def find_files(words: Iterable[str]) -> Iterator[Path]:
    """Yield the files that paths, folders and globs mean, each once, in order.

    A folder means the FITS files in it, at any depth.  A path of nothing is yielded as it is:
    that it is not there is for the reader to say.
    """
    seen: set[Path] = set()
    for word in words:
        for path in _expand(word):
            place = path.absolute()
            if place not in seen:
                seen.add(place)
                yield place


def _expand(word: str) -> Iterator[Path]:
    path = Path(os.path.expanduser(word))  # noqa: PTH111 - which leaves ~nobody as it is
    matches = [path] if is_there(path) else [Path(m) for m in sorted(_glob(path))]
    for match in matches or [path]:
        if is_there(match) and match.is_dir():
            yield from sorted(p for p in match.rglob("*") if _is_fits(p))
        else:
            yield match


def _glob(path: Path) -> list[str]:
    return glob.glob(str(path), recursive=True)  # noqa: PTH207 - absolute patterns too


def _is_fits(path: Path) -> bool:
    # A link that leads nowhere is told of, not passed over.
    return path.name.lower().endswith(_ENDINGS) and (path.is_file() or path.is_symlink())
