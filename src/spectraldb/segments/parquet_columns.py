"""The columns of a Parquet file of pixels, as a segment needs them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.arrays import Array
from spectraldb.segments.format import null_code
from spectraldb.segments.reader import SPECTRUM_KEYS

BATCH_ROWS = 2**20

NULL = null_code(np.dtype("i8"))
"""What stands for null in whole numbers of 64 bits."""


class PixelFile:
    """A Parquet file of pixels.

    Parameters
    ----------
    path
        Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_rows: int = pq.read_metadata(path).num_rows

    def batches(self, name: str) -> Iterator[Array]:
        """Yield the values of a column: float64 with NaN for null, or int64 with `NULL`."""
        with pq.ParquetFile(self.path) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, columns=[name], use_threads=False):
                values = batch.column(0)
                if pa.types.is_floating(values.type):
                    yield values.fill_null(np.nan).to_numpy(zero_copy_only=False)
                else:
                    integers = values.cast(pa.int64()).fill_null(NULL)
                    yield integers.to_numpy(zero_copy_only=False)

    def spectrum_runs(self) -> pa.Table:
        """Return the first row of each run of pixels of one spectrum, and its number of rows.

        Returns
        -------
        pa.Table
            Columns productId, spectrum, first, count; a row for each run, in order.
        """
        firsts, products, numbers = [], [], []
        row, last = 0, (None, None)
        batches = (self.batches(name) for name in SPECTRUM_KEYS)
        for product, number in zip(*batches, strict=True):
            begins = np.flatnonzero((np.diff(product) != 0) | (np.diff(number) != 0)) + 1
            if (product[0], number[0]) != last:
                begins = np.concatenate([[0], begins])
            firsts.append(begins + row)
            products.append(product[begins])
            numbers.append(number[begins])
            row, last = row + len(product), (product[-1], number[-1])
        first = np.concatenate(firsts)
        return pa.table(
            {
                "productId": np.concatenate(products),
                "spectrum": pa.array(np.concatenate(numbers), pa.int32()),
                "first": first,
                "count": np.diff(first, append=self.n_rows),
            }
        )
