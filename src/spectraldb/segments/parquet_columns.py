"""A reader of the columns of a Parquet file of pixels, for writing a segment."""

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
"""Value that represents null in 64-bit integers."""


class PixelFile:
    """A Parquet file of pixels.

    Parameters
    ----------
    path
        Path of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_rows: int = pq.read_metadata(path).num_rows

    def batches(self, name: str) -> Iterator[Array]:
        """Yield the values of a column as float64 with NaN for null, or int64 with `NULL`."""
        with pq.ParquetFile(self.path) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, columns=[name], use_threads=False):
                values = batch.column(0)
                if pa.types.is_floating(values.type):
                    yield values.fill_null(np.nan).to_numpy(zero_copy_only=False)
                else:
                    integers = values.cast(pa.int64()).fill_null(NULL)
                    yield integers.to_numpy(zero_copy_only=False)

    def spectrum_runs(self) -> pa.Table:
        """Return the runs of consecutive pixels that belong to the same spectrum.

        Returns
        -------
        pa.Table
            Columns productId, spectrum, first (the first row of the run) and count (its number of
            rows), with one row per run, in the order of the file.
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
