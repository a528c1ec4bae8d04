"""What nothing needs any more is deleted from the lake's folder."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from spectraldb.lake.lake import Lake
from spectraldb.serving.segments import FOLDER
from spectraldb.vocabulary import Table

LONG_AGO_SECONDS = 86_400.0
"""Files that nothing names and that nobody wrote to for so long are of writers that are gone."""


def clean(lake: Lake, grace: float) -> int:
    """Delete files that were replaced and what broken-off work left; return the bytes freed.

    Parameters
    ----------
    lake
        The lake.
    grace
        For how many seconds files are kept that were replaced, for searches that still read them.
    """
    freed = 0
    for table in (Table.PIXEL, Table.SPECTRUM):
        folder = lake.place / table.value
        held = {folder / file.path for file in lake.held_files(table)}
        replaced = lake.replaced_files(table)
        for path in folder.glob("*/*.parquet"):
            if path not in held and _older(path, grace if path in replaced else LONG_AGO_SECONDS):
                freed += _delete(path)
    return freed + _clean_segments(lake) + _clean_partial(lake.copies.glob("*/*.partial"))


def _clean_segments(lake: Lake) -> int:
    """Delete the segments of files that are no longer there."""
    files = {path.stem for path in (lake.place / Table.PIXEL.value).glob("*/*.parquet")}
    freed = 0
    for folder in (lake.place / FOLDER).glob("*"):
        partial = ".partial-" in folder.name
        if _older(folder, LONG_AGO_SECONDS) if partial else folder.name not in files:
            freed += _delete(folder)
    return freed


def _clean_partial(paths: Iterable[Path]) -> int:
    return sum(_delete(path) for path in paths if _older(path, LONG_AGO_SECONDS))


def _older(path: Path, seconds: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime >= seconds
    except OSError:
        return False


def _delete(path: Path) -> int:
    """Delete a file or a folder and return its size; what cannot be deleted now may be later."""
    size = size_of(path)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return size


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    paths = path.rglob("*") if path.is_dir() else [path]
    return sum(p.stat().st_size for p in paths if p.is_file())
