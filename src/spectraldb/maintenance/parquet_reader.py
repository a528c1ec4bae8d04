"""Readers of parts of Parquet files, by ranges and without a local copy of the file."""

import io
from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ID = "productId"


def product_ids_in(file: io.RawIOBase) -> frozenset[int]:
    """Return the numbers of the products in a file, using row group statistics if possible."""
    ids: set[int] = set()
    with pq.ParquetFile(file) as parquet:
        for group in range(parquet.num_row_groups):
            low, high = _id_range(parquet, group)
            if low == high:
                ids.add(low)
            else:
                column = parquet.read_row_group(group, [ID], use_threads=False)[ID]
                ids.update(pc.unique(column).to_pylist())
    return frozenset(ids)


def rows_of_products(
    file: io.RawIOBase, product_ids: Collection[int], schema: pa.Schema
) -> Iterator[pa.Table]:
    """Yield the rows of some products, reading only row groups that may contain them."""
    ids = np.sort(np.fromiter(product_ids, "i8", len(product_ids)))
    with pq.ParquetFile(file, pre_buffer=True) as parquet:
        for group in range(parquet.num_row_groups):
            low, high = _id_range(parquet, group)
            if np.searchsorted(ids, low) < np.searchsorted(ids, high, "right"):
                rows = parquet.read_row_group(group).select(schema.names).cast(schema)
                yield rows.filter(pc.is_in(rows[ID], pa.array(ids)))


def _id_range(parquet: pq.ParquetFile, group: int) -> tuple[int, int]:
    """Return the lowest and the highest product number of a row group."""
    index = parquet.schema_arrow.get_field_index(ID)
    statistics = parquet.metadata.row_group(group).column(index).statistics
    return statistics.min, statistics.max
