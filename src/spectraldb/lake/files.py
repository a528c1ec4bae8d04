"""Rows are written to Parquet files here, before a commit makes them part of a table.

The files are written by Arrow and not by the Delta writer, because encodings decide their size:
floating-point columns are split into bytes (BYTE_STREAM_SPLIT), which lets zstd find that the
widened 32-bit numbers of images and cubes hold only zeros in their lower bytes.
"""

import contextlib
import json
import math
import uuid
from collections import defaultdict
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.derive.rows import SCHEMAS, Rows
from spectraldb.lake.encoder import Encoder
from spectraldb.lake.errors import lake_errors
from spectraldb.storage.store import Store
from spectraldb.vocabulary import Table

ROW_GROUP = 122_880
"""Rows of a row group; DuckDB works on as many at once."""

PARTITION = "productType"

INDICES = ("pixel", "x", "y", "z")


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
    """A Parquet file of a table that is being written, in row groups of full size.

    They are encoded in a thread; an error there is raised by a later call.

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
        self._encoder = Encoder()
        self.path = f"{PARTITION}={product_type}/{uuid.uuid4().hex}.parquet"
        self._file = store.folder / table.value / self.path
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(
            self._file, SCHEMAS[table], **_encodings(SCHEMAS[table], product_type)
        )
        self._waiting: list[pa.Table] = []
        self._n_waiting = 0

    def write(self, rows: pa.Table) -> None:
        """Take rows; they are written once a row group is full."""
        self._waiting.append(rows)
        self._n_waiting += len(rows)
        if self._n_waiting >= ROW_GROUP:
            whole = self._n_waiting - self._n_waiting % ROW_GROUP
            self._flush(whole)

    def _flush(self, count: int) -> None:
        rows = pa.concat_tables(self._waiting)
        whole, rest = rows.slice(0, count), rows.slice(count)
        self._encoder.do(lambda: self._writer.write_table(whole, row_group_size=ROW_GROUP))
        self._waiting, self._n_waiting = [rest], len(rest)

    def close(self) -> DataFile:
        """Write what is left and return the file, which no table has yet."""
        if self._n_waiting:
            self._flush(self._n_waiting)
        self._encoder.finish()
        self._writer.close()
        metadata = pq.read_metadata(self._file)
        size = self._file.stat().st_size
        stats = _statistics(metadata)
        self._store.publish(self._file)
        return DataFile(self.table, self.product_type, self.path, size, metadata.num_rows, stats)

    def abandon(self) -> None:
        """Delete the file."""
        self._encoder.end()
        with contextlib.suppress(OSError):
            self._writer.close()
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


def _encodings(schema: pa.Schema, product_type: str) -> dict[str, Any]:
    """Return how columns are encoded: numbers that vary split into bytes, the others listed.

    The wavelengths of a cube are the same in every spaxel, so that a list of them is short.
    Of indices, which count up, the steps are written.
    """
    special = {f.name: "BYTE_STREAM_SPLIT" for f in schema if pa.types.is_floating(f.type)}
    if product_type == "s3d":
        special.pop("wavelength", None)
    special |= {name: "DELTA_BINARY_PACKED" for name in INDICES if name in schema.names}
    return {
        "compression": "zstd",
        "use_dictionary": [f.name for f in schema if f.name not in special],
        "column_encoding": special,
        "write_statistics": True,
    }


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
    return json.dumps({
        "numRecords": metadata.num_rows,
        "minValues": {k: v for k, v in low.items() if _usable(v) and k not in unknown},
        "maxValues": {k: v for k, v in high.items() if _usable(v) and k not in unknown},
        "nullCount": {k: v for k, v in nulls.items() if k not in unknown},
    })  # fmt: skip


def _usable(value: object) -> bool:
    if isinstance(value, bool | bytes):
        return False
    return not isinstance(value, float) or math.isfinite(value)
