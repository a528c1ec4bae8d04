"""Parquet files of rows, written before a commit makes them part of a table."""

import uuid
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.derive.rows import Rows
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.file_statistics import delta_statistics
from spectraldb.lake.layout import partition_folder
from spectraldb.lake.parquet_writer import ParquetWriter
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import create_temporary


@dataclass(frozen=True)
class DataFile:
    """A whole Parquet file that is not part of a table yet."""

    table: Table
    product_type: str
    path: str
    """Relative to the folder of its table."""
    size: int
    """In bytes."""
    rows: int
    """Number of rows."""
    stats: str
    """Statistics as JSON of Delta's protocol."""


class DataFileWriter:
    """Writes a Parquet file of a table.

    Parameters
    ----------
    store
        The files of the lake.
    table, product_type
        The table and the partition.
    """

    def __init__(self, store: Store, table: Table, product_type: str) -> None:
        self._store = store
        self.table, self.product_type = table, product_type
        self.path = f"{partition_folder(product_type)}/{uuid.uuid4().hex}.parquet"
        self._file = store.folder / table.value / self.path
        self._writer = ParquetWriter(create_temporary(self._file), SCHEMAS[table], product_type)

    def write(self, rows: pa.Table) -> None:
        """Add rows to the file."""
        self._writer.write(rows)

    def close(self) -> DataFile:
        """Write the rows that are left, and return the whole file."""
        self._writer.close()
        temporary = self._writer.path
        metadata = pq.read_metadata(temporary)
        size = temporary.stat().st_size
        stats = delta_statistics(metadata)
        self._store.put(temporary, self._file)
        return DataFile(self.table, self.product_type, self.path, size, metadata.num_rows, stats)

    def abandon(self) -> None:
        """Delete the file."""
        self._writer.abandon()
        self._file.unlink(missing_ok=True)


class RowWriter:
    """Writes the rows of several products, to one file for each table and product type.

    Leaving the context with an error deletes the files.

    Parameters
    ----------
    store
        The files of the lake.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writers: dict[tuple[Table, str], DataFileWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is not None:
            for writer in self._writers.values():
                writer.abandon()

    def write(self, rows: Rows, product_type: str) -> None:
        """Write the rows of a block; raises LakeError."""
        with lake_errors():
            for table, part in ((Table.SPECTRUM, rows.spectra), (Table.PIXEL, rows.pixels)):
                if len(part):
                    self._writer(table, product_type).write(part)

    def close(self) -> list[DataFile]:
        """Finish the files and return them; raises LakeError."""
        with lake_errors():
            return [writer.close() for writer in self._writers.values()]

    def _writer(self, table: Table, product_type: str) -> DataFileWriter:
        key = (table, product_type)
        if key not in self._writers:
            self._writers[key] = DataFileWriter(self._store, table, product_type)
        return self._writers[key]
