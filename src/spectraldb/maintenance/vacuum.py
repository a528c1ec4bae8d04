"""Deletion of files that no version of the lake uses."""

import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePosixPath

from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import COPIES, SEGMENTS, SORTED_COPIES, is_log
from spectraldb.schema.tables import Table
from spectraldb.storage.objects import FileInfo
from spectraldb.storage.temporary import is_temporary

ABANDONED_SECONDS = 86_400.0
"""The process that wrote a file which no table has is dead if the file is that old."""


def vacuum(lake: Lake, grace: float) -> int:
    """Delete replaced files and what killed processes left, and return the bytes freed.

    Parameters
    ----------
    lake
        The lake.
    grace
        For how many seconds replaced files are kept, for searches that still read them.

    Raises
    ------
    LakeError
        If a file cannot be deleted.
    """
    with lake_errors():
        data = (_unused_data_files(lake, table, grace) for table in (Table.PIXEL, Table.SPECTRUM))
        # Segments and sorted copies after the files of pixels, of which they are copies.
        freed = _delete(lake, chain.from_iterable(data))
        freed += _delete(lake, _derived_without_file(lake))
        return freed + _delete(lake, _abandoned_copies(lake))


def _unused_data_files(lake: Lake, table: Table, grace: float) -> Iterator[FileInfo]:
    """Yield the files in the folder of a table that it does not need."""
    current = {file.path for file in lake.table_files(table)}
    replaced = lake.replaced_files(table, grace)
    for info in _data_files(lake, table):
        path = info.name.removeprefix(f"{table.value}/")
        if path in replaced or (path not in current and _is_abandoned(info)):
            yield info


def _data_files(lake: Lake, table: Table) -> list[FileInfo]:
    """Return the Parquet files in the folder of a table, unfinished ones included."""
    files = [info for info in lake.store.list(table.value) if not is_log(info.name)]
    return [info for info in files if info.name.endswith(".parquet") or is_temporary(info.name)]


def _derived_without_file(lake: Lake) -> Iterator[FileInfo]:
    """Yield the segments and sorted copies of files that no longer exist."""
    stems = {PurePosixPath(info.name).stem for info in _data_files(lake, Table.PIXEL)}
    for info in [*lake.store.list_folders(SEGMENTS), *lake.store.list(SORTED_COPIES)]:
        name = PurePosixPath(info.name).name
        if _is_abandoned(info) if is_temporary(name) else PurePosixPath(name).stem not in stems:
            yield info


def _abandoned_copies(lake: Lake) -> list[FileInfo]:
    """Return the unfinished copies of FITS files."""
    files = lake.store.list(COPIES)
    return [info for info in files if is_temporary(info.name) and _is_abandoned(info)]


def _is_abandoned(info: FileInfo) -> bool:
    return time.time() - info.seconds >= ABANDONED_SECONDS


def _delete(lake: Lake, files: Iterable[FileInfo]) -> int:
    """Delete files, and return their size in bytes."""
    freed = 0
    for info in files:
        lake.store.delete(info.name)
        freed += info.size
    return freed
