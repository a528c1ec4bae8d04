"""Rows are written to Parquet files here, before a commit makes them part of a table."""

import json
import math
import uuid
from collections import defaultdict
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.derive.rows import Rows
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.layout import partition_folder
from spectraldb.lake.parquet_writer import RowGroups
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import create_temporary


@dataclass(frozen=True)
class DataFile:
    """A Parquet file that is whole, and not part of a table yet."""

    table: Table
    product_type: str
    path: str
    """Relative to the folder of its table."""
    size: int
    rows: int
    stats: str
    """Statistics as Delta's protocol has them."""


class TableFile:
    """A Parquet file of a table that is being written; see `RowGroups`.

    Parameters
    ----------
    store
        Where the lake's files are.
    table, product_type
        What its rows are.
    """

    def __init__(self, store: Store, table: Table, product_type: str) -> None:
        self._store = store
        self.table, self.product_type = table, product_type
        self.path = f"{partition_folder(product_type)}/{uuid.uuid4().hex}.parquet"
        self._file = store.folder / table.value / self.path
        self._rows = RowGroups(create_temporary(self._file), SCHEMAS[table], product_type)

    def write(self, rows: pa.Table) -> None:
        """Take rows; they are written once a row group is full."""
        self._rows.write(rows)

    def close(self) -> DataFile:
        """Write what is left and return the file, which no table has yet."""
        self._rows.close()
        partial = self._rows.path
        metadata = pq.read_metadata(partial)
        size = partial.stat().st_size
        stats = _statistics(metadata)
        self._store.put(partial, self._file)
        return DataFile(self.table, self.product_type, self.path, size, metadata.num_rows, stats)

    def abandon(self) -> None:
        """Delete the file."""
        self._rows.abandon()
        self._file.unlink(missing_ok=True)


class FileWriter:
    """Writes spectra and pixels of several products, a file for each table and product type."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[tuple[Table, str], TableFile] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is not None:
            for file in self._open.values():
                file.abandon()

    def write(self, rows: Rows, product_type: str) -> None:
        """Write the rows of a block."""
        with lake_errors():
            for table, part in ((Table.SPECTRUM, rows.spectra), (Table.PIXEL, rows.pixels)):
                if len(part):
                    self._file(table, product_type).write(part)

    def close(self) -> list[DataFile]:
        """Finish the files and return them."""
        with lake_errors():
            return [file.close() for file in self._open.values()]

    def _file(self, table: Table, product_type: str) -> TableFile:
        key = (table, product_type)
        if key not in self._open:
            self._open[key] = TableFile(self._store, table, product_type)
        return self._open[key]


def _statistics(metadata: pq.FileMetaData) -> str:
    """Return rows, minima, maxima and counts of nulls of a file as Delta's JSON."""
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    nulls: dict[str, int] = defaultdict(int)
    unknown: set[str] = set()
    for group in range(metadata.num_row_groups):
        for i in range(metadata.num_columns):
            column = metadata.row_group(group).column(i)
            name, stats = column.path_in_schema, column.statistics
            if stats is None:
                unknown.add(name)
                continue
            nulls[name] += stats.null_count or 0
            if stats.has_min_max:
                low[name] = min(low.get(name, stats.min), stats.min)
                high[name] = max(high.get(name, stats.max), stats.max)
    return json.dumps(
        {
            "numRecords": metadata.num_rows,
            "minValues": {k: v for k, v in low.items() if _usable(v) and k not in unknown},
            "maxValues": {k: v for k, v in high.items() if _usable(v) and k not in unknown},
            "nullCount": {k: v for k, v in nulls.items() if k not in unknown},
        }
    )


def _usable(value: object) -> bool:
    if isinstance(value, bool | bytes):
        return False
    return not isinstance(value, float) or math.isfinite(value)
