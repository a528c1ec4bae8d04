"""A file of pixels is written once more, in the order of their wavelengths."""

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
from spectraldb.storage.temporary import temporary_path

STEPS = 400
"""Pixels come product by product where the logarithms of their wavelengths agree to 1/400.

That is finer than the row groups of a large file, and their other columns stay short.
"""


def write_ordered(
    store: Store,
    product_type: str,
    file: Path,
    cursor: duckdb.DuckDBPyConnection,
    task: Task,
) -> None:
    """Write the copy of a Parquet file of pixels; it is there whole or not at all.

    Parameters
    ----------
    store
        Where the lake's files are.
    product_type
        What its pixels are of.
    file
        The file, on this machine.
    cursor
        What puts the pixels in order; on disk, as far as they do not fit into its memory.
    task
        Its progress; what it raises ends the work.

    Raises
    ------
    LakeError
        If it cannot be written, or there is no room to put the pixels in order.
    """
    target = sorted_copy(store.folder, str(file))
    partial = temporary_path(target)
    schema = SCHEMAS[Table.PIXEL]
    with lake_errors(), _room_errors():
        reader = cursor.sql(_sql(file)).to_arrow_reader(ROW_GROUP)
        rows = ParquetWriter(partial, schema, product_type)
        try:
            for batch in reader:
                rows.write(pa.Table.from_batches([batch]).cast(schema))
                task.advance(len(batch))
            rows.close()
            store.put(partial, target)
        except BaseException:
            rows.abandon()
            raise


@contextmanager
def _room_errors() -> Iterator[None]:
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise LakeError(
            f"pixels cannot be put in the order of their wavelengths: {error}; this takes memory "
            "(SPECTRALDB_MEMORY_LIMIT) and room for temporary files (TMPDIR)"
        ) from error


def _sql(file: Path) -> str:
    step = f"case when wavelength > 0 then floor({STEPS} * ln(wavelength)) end"
    return f"{reading_sql(Table.PIXEL, [str(file)])} order by {step}, productId, spectrum, pixel"
