"""Deletion of files that no available version of the lake uses."""

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
"""Age from which a file that is in no table is considered abandoned by its process."""


def vacuum(lake: Lake, grace: float) -> int:
    """Delete replaced and abandoned files, and return their total size in bytes.

    Parameters
    ----------
    lake
        The lake.
    grace
        Number of seconds for which replaced files are kept, as searches may still read them.

    Raises
    ------
    LakeError
        If a file cannot be deleted.
    """
    with lake_errors():
        data = (_unused_data_files(lake, table, grace) for table in (Table.PIXEL, Table.SPECTRUM))
        # Pixel files first, because the segments and sorted copies of deleted ones follow.
        freed = _delete(lake, chain.from_iterable(data))
        freed += _delete(lake, _derived_without_file(lake))
        return freed + _delete(lake, _abandoned_copies(lake))


def _unused_data_files(lake: Lake, table: Table, grace: float) -> Iterator[FileInfo]:
    """Yield the unused files in the folder of a table."""
    current = {file.path for file in lake.table_files(table)}
    replaced = lake.replaced_files(table, grace)
    for info in _data_files(lake, table):
        path = info.name.removeprefix(f"{table.value}/")
        if path in replaced or (path not in current and _is_abandoned(info)):
            yield info


def _data_files(lake: Lake, table: Table) -> list[FileInfo]:
    """Return the Parquet files in the folder of a table, including unfinished ones."""
    files = [info for info in lake.store.list(table.value) if not is_log(info.name)]
    return [info for info in files if info.name.endswith(".parquet") or is_temporary(info.name)]


def _derived_without_file(lake: Lake) -> Iterator[FileInfo]:
    """Yield the segments and sorted copies of pixel files that no longer exist."""
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
    """Delete files, and return their total size in bytes."""
    freed = 0
    for info in files:
        lake.store.delete(info.name)
        freed += info.size
    return freed
