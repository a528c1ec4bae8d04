"""Compaction: merging of Parquet files into one, without orphans."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spectraldb.lake.data_files import DataFile, DataFileWriter
from spectraldb.lake.errors import lake_errors
from spectraldb.maintenance.merge_plan import MergeGroup
from spectraldb.maintenance.progress import Task
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store

BATCH_ROWS = 2**18


def compact(store: Store, table: Table, group: MergeGroup, task: Task) -> list[DataFile]:
    """Write the rows of a group of files to a new file, without orphans.

    The rows of a product stay together.  Products are sorted by number if they are so in the files
    and the files do not overlap.

    Parameters
    ----------
    store
        The files of the lake.
    table
        The table to which the files belong.
    group
        The files to merge.
    task
        Reports progress; its errors end the work.

    Returns
    -------
    list
        The new file, which is not yet part of the table; empty if all rows are orphans.

    Raises
    ------
    LakeError
        If the file cannot be written.
    Cancelled
        If the user cancelled; the unfinished file is deleted.
    """
    folder = store.folder / table.value
    with lake_errors(), store.temporary_copies(folder / f.path for f in group.files) as paths:
        writer = DataFileWriter(store, table, group.product_type)
        try:
            rows = 0
            for batch in _batches(paths, table, group.orphans):
                if len(batch):
                    writer.write(batch)
                    rows += len(batch)
                task.advance(len(batch))
            if rows:
                return [writer.close()]
        except BaseException:
            writer.abandon()
            raise
        writer.abandon()
        return []


def _batches(paths: Sequence[Path], table: Table, orphans: frozenset[int]) -> Iterator[pa.Table]:
    """Yield the rows of files without orphans, in batches."""
    dropped = pa.array(sorted(orphans), pa.int64())
    for path in paths:
        with pq.ParquetFile(path) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, use_threads=False):
                rows = pa.Table.from_batches([batch]).select(SCHEMAS[table].names)
                if len(dropped):
                    rows = rows.filter(pc.invert(pc.is_in(rows["productId"], dropped)))
                yield rows.cast(SCHEMAS[table])
