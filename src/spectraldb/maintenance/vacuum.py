"""What nothing needs any more is deleted from the lake."""

import time
from pathlib import PurePosixPath

from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import COPIES, SEGMENTS, SORTED_COPIES, is_log
from spectraldb.schema.tables import Table
from spectraldb.storage.objects import FileInfo
from spectraldb.storage.temporary import is_temporary

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
    with lake_errors():
        for table in (Table.PIXEL, Table.SPECTRUM):
            held = {file.path for file in lake.table_files(table)}
            replaced = lake.replaced_files(table, grace)
            for entry in _parquet(lake, table):
                path = entry.name.removeprefix(f"{table.value}/")
                if path in replaced or (path not in held and _is_old(entry)):
                    freed += _delete(lake, entry)
        return freed + _clean_derived(lake) + _clean_partial(lake)


def _parquet(lake: Lake, table: Table) -> list[FileInfo]:
    """Return the data files of a table, and those that are being written."""
    entries = [e for e in lake.store.list(table.value) if not is_log(e.name)]
    return [e for e in entries if e.name.endswith(".parquet") or is_temporary(e.name)]


def _clean_derived(lake: Lake) -> int:
    """Delete the segments and the ordered copies of files that are no longer there."""
    files = {PurePosixPath(entry.name).stem for entry in _parquet(lake, Table.PIXEL)}
    freed = 0
    for entry in [*lake.store.list_folders(SEGMENTS), *lake.store.list(SORTED_COPIES)]:
        name = PurePosixPath(entry.name).name
        if _is_old(entry) if is_temporary(name) else name.removesuffix(".parquet") not in files:
            freed += _delete(lake, entry)
    return freed


def _clean_partial(lake: Lake) -> int:
    copies = list(lake.store.list(COPIES))
    return sum(_delete(lake, e) for e in copies if is_temporary(e.name) and _is_old(e))


def _is_old(entry: FileInfo) -> bool:
    return time.time() - entry.seconds >= LONG_AGO_SECONDS


def _delete(lake: Lake, entry: FileInfo) -> int:
    lake.store.delete(entry.name)
    return entry.size
