"""Writers of Parquet files, which a commit then adds to a table."""

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
    """A complete Parquet file that is not yet part of a table."""

    table: Table
    product_type: str
    path: str
    """Relative to the folder of its table."""
    size: int
    """In bytes."""
    rows: int
    """Number of rows."""
    stats: str
    """Statistics in the JSON format of the Delta protocol."""


class DataFileWriter:
    """Writer of one Parquet file of a table.

    Parameters
    ----------
    store
        The files of the lake.
    table, product_type
        The table and the partition to which the file belongs.
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
        """Write the remaining rows, and return the complete file."""
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
    """Writer of the rows of several products, to one file per table and product type.

    If the context exits with an error, the files are deleted.

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
        """Write a block of rows; raise LakeError if this fails."""
        with lake_errors():
            for table, part in ((Table.SPECTRUM, rows.spectra), (Table.PIXEL, rows.pixels)):
                if len(part):
                    self._writer(table, product_type).write(part)

    def close(self) -> list[DataFile]:
        """Complete the files and return them; raise LakeError if this fails."""
        with lake_errors():
            return [writer.close() for writer in self._writers.values()]

    def _writer(self, table: Table, product_type: str) -> DataFileWriter:
        key = (table, product_type)
        if key not in self._writers:
            self._writers[key] = DataFileWriter(self._store, table, product_type)
        return self._writers[key]
