"""Which files may hold rows of products that no version has any more, by what the log tells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spectraldb.arrays import Array
from spectraldb.lake.layout import is_log
from spectraldb.lake.table_files import TableFile
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store

ROWS = {Table.SPECTRUM: "nSpectra", Table.PIXEL: "nStored"}
"""The column of DataProduct that tells how many rows of a table a product has."""


@dataclass(frozen=True)
class Living:
    """The products of one type that some version has, and how many rows of a table are theirs."""

    numbers: Array
    """In order, shape (products,)."""
    rows: Array
    """Of all products before each, and of all; shape (products + 1,)."""

    @classmethod
    def of(cls, kept: pa.Table, table: Table, product_type: str) -> "Living":
        """Return those among the kept products of a lake."""
        of_type = kept.filter(pc.equal(kept["productType"], product_type)).sort_by("productId")
        counts = of_type[ROWS[table]].to_numpy()
        return cls(of_type["productId"].to_numpy(), np.concatenate([[0], np.cumsum(counts)]))

    def rows_between(self, low: int, high: int) -> int:
        """Return how many rows the products of a range of numbers have."""
        first, last = (
            np.searchsorted(self.numbers, low),
            np.searchsorted(self.numbers, high, "right"),
        )
        return int(self.rows[last] - self.rows[first])


def retained_products(store: Store) -> pa.Table:
    """Return number, type and row counts of the products of all versions that can be read.

    Raises
    ------
    OSError, pa.ArrowException
        If a file cannot be read.
    """
    columns = ["productId", "productType", "nSpectra", "nStored"]
    names = [entry.name for entry in store.list(Table.PRODUCT.value)]
    # Delta's checkpoints are Parquet files too.
    names = [name for name in names if name.endswith(".parquet") and not is_log(name)]
    paths = [store.folder / name for name in names]
    store.localize(paths)
    schema = pa.schema([SCHEMAS[Table.PRODUCT].field(name) for name in columns])
    found = [schema.empty_table()]
    for path in paths:
        with pq.ParquetFile(path) as file:
            found.append(file.read(columns).cast(schema))
    # Files of several versions have the same products.
    return pa.concat_tables(found).group_by(columns).aggregate([])


def suspects(files: Iterable[TableFile], kept: pa.Table, table: Table) -> Iterator[TableFile]:
    """Yield the files of a table that may hold rows of products that are not kept.

    The rows of a product are all in one file.  So the files whose numbers are in a range that no
    other file has a part of hold all rows of the products in it: if there are no more, none are of
    others.  A product that was committed after the files were looked up can hide dead rows, until
    the next time.
    """
    by_type: dict[str, list[TableFile]] = {}
    for file in files:
        by_type.setdefault(file.product_type, []).append(file)
    for product_type, of_type in by_type.items():
        living = Living.of(kept, table, product_type)
        for some in _ranges(of_type):
            high = max(file.max_id for file in some)
            if sum(file.rows for file in some) != living.rows_between(some[0].min_id, high):
                yield from some


def _ranges(files: list[TableFile]) -> Iterator[list[TableFile]]:
    """Yield files together whose ranges of numbers have a part in common, the lowest first."""
    some: list[TableFile] = []
    high = 0
    for file in sorted(files, key=lambda file: file.min_id):
        if some and file.min_id > high:
            yield some
            some = []
        high = max(high, file.max_id) if some else file.max_id
        some.append(file)
    if some:
        yield some
