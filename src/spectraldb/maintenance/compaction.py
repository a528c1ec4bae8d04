"""Files are written anew as one, row after row."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spectraldb.lake.data_files import DataFile, DataFileWriter
from spectraldb.lake.errors import lake_errors
from spectraldb.maintenance.merge_plan import Group
from spectraldb.maintenance.progress import Task
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store

BATCH_ROWS = 2**18


def rewrite(store: Store, table: Table, group: Group, task: Task) -> list[DataFile]:
    """Write the rows of a group of files into a new one, those of dead products left out.

    Products stay whole and in the order of their numbers as far as files hold them so.

    Returns
    -------
    list
        The new file, not part of the table yet; none if all products are dead.

    Raises
    ------
    LakeError
        If it cannot be written.
    Cancelled
        If the user cancelled; nothing is left then.
    """
    folder = store.folder / table.value
    with lake_errors(), store.temporary_copies(folder / file.path for file in group.files) as paths:
        new = DataFileWriter(store, table, group.product_type)
        try:
            rows = 0
            for batch in _batches(paths, table, group.dead):
                if len(batch):
                    new.write(batch)
                    rows += len(batch)
                task.advance(len(batch))
            if rows:
                return [new.close()]
        except BaseException:
            new.abandon()
            raise
        new.abandon()
        return []


def _batches(paths: Sequence[Path], table: Table, products: frozenset[int]) -> Iterator[pa.Table]:
    dead = pa.array(sorted(products), pa.int64())
    for path in paths:
        with pq.ParquetFile(path) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, use_threads=False):
                rows = pa.Table.from_batches([batch]).select(SCHEMAS[table].names)
                if len(dead):
                    rows = rows.filter(pc.invert(pc.is_in(rows["productId"], dead)))
                yield rows.cast(SCHEMAS[table])
