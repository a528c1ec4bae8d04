"""What is read of Parquet files without having all of them here."""

import io
from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

OF = "productId"


def products_in(file: io.RawIOBase) -> frozenset[int]:
    """Return the products that have rows in a file; most row groups tell by their statistics."""
    numbers: set[int] = set()
    with pq.ParquetFile(file) as parquet:
        for group in range(parquet.num_row_groups):
            low, high = _range(parquet, group)
            if low == high:
                numbers.add(low)
            else:
                found = parquet.read_row_group(group, [OF], use_threads=False)[OF]
                numbers.update(pc.unique(found).to_pylist())
    return frozenset(numbers)


def rows_of(file: io.RawIOBase, products: Collection[int], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of some products; only row groups that can hold them are read."""
    numbers = np.sort(np.fromiter(products, "i8", len(products)))
    with pq.ParquetFile(file, pre_buffer=True) as parquet:
        for group in range(parquet.num_row_groups):
            low, high = _range(parquet, group)
            if np.searchsorted(numbers, low) < np.searchsorted(numbers, high, "right"):
                rows = parquet.read_row_group(group).select(schema.names).cast(schema)
                yield rows.filter(pc.is_in(rows[OF], pa.array(numbers)))


def _range(parquet: pq.ParquetFile, group: int) -> tuple[int, int]:
    """Return the lowest and the highest product of a row group."""
    place = parquet.schema_arrow.get_field_index(OF)
    statistics = parquet.metadata.row_group(group).column(place).statistics
    return statistics.min, statistics.max
