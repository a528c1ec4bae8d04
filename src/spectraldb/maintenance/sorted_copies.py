"""Copies of Parquet files of pixels, sorted by wavelength."""

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
"""Pixels are sorted by bins of the logarithm of wavelength, 1/400 wide, and in one by product.

That is finer than the row groups of a large file, and keeps its other columns small.
"""


def write_sorted_copy(
    store: Store,
    product_type: str,
    file: Path,
    cursor: duckdb.DuckDBPyConnection,
    task: Task,
) -> None:
    """Write the sorted copy of a Parquet file of pixels, whole or not at all.

    Parameters
    ----------
    store
        The files of the lake.
    product_type
        The product type of the pixels.
    file
        The file, on this machine.
    cursor
        Sorts the pixels, on disk if they do not fit in memory.
    task
        Progress; its errors end the work.

    Raises
    ------
    LakeError
        If it cannot be written, or there is not enough room to sort the pixels.
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
