"""Writing of copies of Parquet files of pixels, sorted by wavelength."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from spectraldb.engines.views import reading_sql
from spectraldb.errors import LakeError
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.layout import sorted_copy
from spectraldb.lake.parquet_writer import ROW_GROUP, ParquetWriter
from spectraldb.maintenance.progress import Task
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import create_temporary

BINS_PER_E_FOLD = 400
"""Number of bins per factor of e in wavelength; pixels are sorted by bin, then by product.

The bins are finer than the row groups of a large file.  Sorting by product within a bin lets the
other columns compress well.
"""


def write_sorted_copy(
    store: Store,
    product_type: str,
    file: Path,
    cursor: duckdb.DuckDBPyConnection,
    task: Task,
) -> None:
    """Write the sorted copy of a Parquet file of pixels, atomically.

    Parameters
    ----------
    store
        The files of the lake.
    product_type
        Product type of the pixels.
    file
        Local path of the file.
    cursor
        DuckDB connection, which sorts on disk if the pixels do not fit into memory.
    task
        Reports progress; its errors end the work.

    Raises
    ------
    LakeError
        If the copy cannot be written, or there is too little memory or disk space for sorting.
    Cancelled
        If the user cancelled.
    """
    target = sorted_copy(store.folder, str(file))
    schema = SCHEMAS[Table.PIXEL]
    with lake_errors(), _sort_errors():
        reader = cursor.sql(_sql(file)).to_arrow_reader(ROW_GROUP)
        writer = ParquetWriter(create_temporary(target), schema, product_type)
        try:
            for batch in reader:
                writer.write(pa.Table.from_batches([batch]).cast(schema))
                task.advance(len(batch))
            writer.close()
            store.put(writer.path, target)
        except BaseException:
            writer.abandon()
            raise


@contextmanager
def _sort_errors() -> Iterator[None]:
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise LakeError(
            "The pixels cannot be sorted by wavelength. Increase SPECTRALDB_MEMORY_LIMIT, or free "
            f"disk space for temporary files (TMPDIR). DuckDB reported: {error}"
        ) from error


def _sql(file: Path) -> str:
    bin_ = f"case when wavelength > 0 then floor({BINS_PER_E_FOLD} * ln(wavelength)) end"
    return f"{reading_sql(Table.PIXEL, [str(file)])} order by {bin_}, productId, spectrum, pixel"
