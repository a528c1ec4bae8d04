"""Orphans: rows of products that are in no available version of the lake.

The log contains the number of rows of each file, and DataProduct that of each product.  If they
agree, the file has no orphans and need not be read.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spectraldb.arrays import Array
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Lake
from spectraldb.lake.layout import is_log
from spectraldb.lake.table_files import TableFile
from spectraldb.maintenance.parquet_reader import product_ids_in
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store

ROW_COUNTS = {Table.SPECTRUM: "nSpectra", Table.PIXEL: "nStored"}
"""Columns of DataProduct with the number of rows of a product in a table."""


def retained_products(store: Store) -> pa.Table:
    """Return the number, type and row counts of the products of all available versions.

    Raises
    ------
    OSError, pa.ArrowException
        If a file cannot be read.
    """
    columns = ["productId", "productType", *ROW_COUNTS.values()]
    names = [info.name for info in store.list(Table.PRODUCT.value)]
    # Checkpoints of Delta are Parquet files too.
    names = [name for name in names if name.endswith(".parquet") and not is_log(name)]
    paths = [store.folder / name for name in names]
    store.localize(paths)
    schema = pa.schema([SCHEMAS[Table.PRODUCT].field(name) for name in columns])
    tables = [schema.empty_table()]
    for path in paths:
        with pq.ParquetFile(path) as file:
            tables.append(file.read(columns).cast(schema))
    # A product can be in several versions.
    return pa.concat_tables(tables).group_by(columns).aggregate([])


@dataclass(frozen=True)
class _RowCounts:
    """Row counts in one table of the retained products of one type."""

    ids: Array
    """Ascending product numbers, shape (products,)."""
    cumulative: Array
    """Cumulative number of rows, starting with 0, shape (products + 1,)."""

    @classmethod
    def of(cls, retained: pa.Table, table: Table, product_type: str) -> "_RowCounts":
        """Return the row counts of the retained products of a type in a table."""
        of_type = retained.filter(pc.equal(retained["productType"], product_type))
        of_type = of_type.sort_by("productId")
        counts = of_type[ROW_COUNTS[table]].to_numpy()
        return cls(of_type["productId"].to_numpy(), np.concatenate([[0], np.cumsum(counts)]))

    def between(self, low: int, high: int) -> int:
        """Return the number of rows of the products in a closed range of product numbers."""
        first = np.searchsorted(self.ids, low)
        last = np.searchsorted(self.ids, high, "right")
        return int(self.cumulative[last] - self.cumulative[first])


def files_with_orphans(
    files: Iterable[TableFile], retained: pa.Table, table: Table
) -> Iterator[TableFile]:
    """Yield the files of a table that may contain orphans.

    All rows of a product are in one file.  Therefore a group of files whose ranges of product
    numbers overlap no other file contains all rows of the retained products in these ranges.  If it
    contains no other rows, it has no orphans.  A product that is committed after the files were
    listed can hide orphans until the next optimization.

    Parameters
    ----------
    files
        All files of the table.
    retained
        The products of all available versions, read after the files were listed.
    table
        SpectralCharacteristics or SpectralPixel.
    """
    by_type: dict[str, list[TableFile]] = {}
    for file in files:
        by_type.setdefault(file.product_type, []).append(file)
    for product_type, of_type in by_type.items():
        counts = _RowCounts.of(retained, table, product_type)
        for overlapping in _overlapping(of_type):
            low = overlapping[0].min_id
            high = max(file.max_id for file in overlapping)
            if sum(file.rows for file in overlapping) != counts.between(low, high):
                yield from overlapping


def _overlapping(files: list[TableFile]) -> Iterator[list[TableFile]]:
    """Yield groups of files with overlapping ranges of product numbers, in ascending order."""
    group: list[TableFile] = []
    high = 0
    for file in sorted(files, key=lambda file: file.min_id):
        if group and file.min_id > high:
            yield group
            group = []
        high = max(high, file.max_id) if group else file.max_id
        group.append(file)
    if group:
        yield group


@dataclass(frozen=True)
class OrphanFinder:
    """Finder of orphans in the files of a table."""

    lake: Lake
    table: Table
    retained_ids: frozenset[int]
    """Numbers of the products of all available versions."""
    candidates: frozenset[str]
    """Paths of the files that may contain orphans."""
    grace: float
    """Minimum age of files in seconds; the products of newer ones may not be committed yet."""

    @classmethod
    def of(cls, lake: Lake, table: Table, files: list[TableFile], grace: float) -> "OrphanFinder":
        """Return the finder for all files of a table; raise LakeError if a file cannot be read.

        List `files` before this call, so that the rows of products that are committed in the
        meantime are not in them.
        """
        with lake_errors("read"):
            retained = retained_products(lake.store)
        candidates = files_with_orphans(files, retained, table)
        return cls(
            lake,
            table,
            frozenset(retained["productId"].to_pylist()),
            frozenset(file.path for file in candidates),
            grace,
        )

    def in_file(self, file: TableFile) -> frozenset[int]:
        """Return the numbers of the orphaned products in a file; raise LakeError if this fails."""
        if file.path not in self.candidates or time.time() - file.added < self.grace:
            return frozenset()
        return read_product_ids(self.lake, self.table, file.path) - self.retained_ids


def read_product_ids(lake: Lake, table: Table, path: str) -> frozenset[int]:
    """Return the numbers of the products in a file of a table; raise LakeError if this fails."""
    with lake_errors("read"), lake.store.open_ranges(lake.folder / table.value / path) as file:
        return product_ids_in(file)
