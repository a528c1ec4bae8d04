"""The embedded engine: DuckDB reads the lake's Parquet files."""

import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from spectraldb.derive.rows import SCHEMAS
from spectraldb.errors import BadQueryError, LakeError, LimitError
from spectraldb.lake.lake import Snapshot
from spectraldb.settings import Settings
from spectraldb.vocabulary import PRODUCT_TYPES, Table

KEPT_SCHEMAS = 16
BATCH_ROWS = 65_536
RETRY_SECONDS = 0.02

Parameters = dict[str, object]


class DuckDBEngine:
    """Runs SQL over the tables DataProduct, SpectralCharacteristics and SpectralPixel.

    Each version of the lake, narrowed to some product types, is a schema of views; a query runs
    in one of them, on a cursor of its own.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            self._connection = duckdb.connect(":memory:", config=_config(settings))
        except duckdb.Error as error:
            raise BadQueryError(f"settings (SPECTRALDB_MEMORY_LIMIT, ...): {error}") from error
        self._connection.execute("set parquet_metadata_cache = true")
        self._time_limit = settings.time_limit
        self._schemas: OrderedDict[tuple[int, int, frozenset[str]], str] = OrderedDict()
        self._lock = threading.Lock()

    def fetch(
        self,
        sql: str,
        snapshot: Snapshot,
        product_types: frozenset[str] | None = None,
        parameters: Parameters | None = None,
    ) -> pa.Table:
        """Run SQL on a version of the lake and return its answer.

        Parameters
        ----------
        sql
            What to run.
        snapshot
            The version of the lake.
        product_types
            The only types of product that can be in the answer, if that is known: the files of
            others are not looked at.
        parameters
            Values of the SQL's named parameters.

        Raises
        ------
        LakeError
            If a file of the lake cannot be read.
        LimitError
            If it needs more time or memory than the settings allow.
        """
        with self._running(snapshot, product_types or PRODUCT_TYPES) as cursor:
            return cursor.sql(sql, params=parameters).to_arrow_table()

    def stream(
        self, sql: str, snapshot: Snapshot, product_types: frozenset[str]
    ) -> Iterator[pa.RecordBatch]:
        """Run SQL and yield its answer in batches; closing the iterator ends the query.

        Raises
        ------
        LakeError, LimitError
            As `fetch`; the time is that of the query and of whoever takes its batches.
        """
        with self._running(snapshot, product_types) as cursor:
            yield from cursor.sql(sql).to_arrow_reader(BATCH_ROWS)

    def close(self) -> None:
        """Give back what the engine holds."""
        self._connection.close()

    @contextmanager
    def _running(
        self, snapshot: Snapshot, product_types: frozenset[str]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor for one query, which the time limit ends; errors leave as our own."""
        try:
            with self._cursor(snapshot, product_types) as cursor:
                done = threading.Event()
                threading.Thread(target=self._end_late, args=(cursor, done), daemon=True).start()
                try:
                    yield cursor
                finally:
                    done.set()
        except duckdb.InterruptException as error:
            raise LimitError(
                f"the search took longer than {self._time_limit:g} s, which is the limit here; "
                "narrow its wavelengths, its products or its position"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise LimitError(
                "the search needs more memory than is the limit here; leave out sort_by, or "
                "narrow its wavelengths, its products or its position"
            ) from error
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise LakeError(f"a file of the lake cannot be read: {error}") from error

    def _end_late(self, cursor: duckdb.DuckDBPyConnection, done: threading.Event) -> None:
        """Interrupt what runs on a cursor once its time is up, and whatever it goes on with."""
        done.wait(self._time_limit)
        while not done.wait(RETRY_SECONDS):
            cursor.interrupt()

    @contextmanager
    def _cursor(
        self, snapshot: Snapshot, product_types: frozenset[str]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        schema = self._schema(snapshot, product_types)
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"use memory.{schema}")
            yield cursor
        finally:
            cursor.close()

    def _schema(self, snapshot: Snapshot, product_types: frozenset[str]) -> str:
        key = (snapshot.generation, snapshot.version, product_types)
        with self._lock:
            if key not in self._schemas:
                self._schemas[key] = self._make_schema(snapshot, product_types)
            self._schemas.move_to_end(key)
            while len(self._schemas) > KEPT_SCHEMAS:
                _, oldest = self._schemas.popitem(last=False)
                self._connection.execute(f"drop schema {oldest} cascade")
            return self._schemas[key]

    def _make_schema(self, snapshot: Snapshot, product_types: frozenset[str]) -> str:
        types = "_".join(sorted(product_types))
        schema = f"g{snapshot.generation}v{snapshot.version}_{types}"
        # Replaced, for a failure may have left a part of it.
        self._connection.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
        for table, files in table_files(snapshot, product_types).items():
            self._connection.execute(
                f"create view {schema}.{table.value} as {_reading(table, files)}"
            )
        return schema


def table_files(snapshot: Snapshot, product_types: frozenset[str]) -> dict[Table, list[str]]:
    """Return the files of each table for some product types."""
    return {
        Table.PRODUCT: list(snapshot.products),
        Table.SPECTRUM: [f for t in sorted(product_types) for f in snapshot.spectra.get(t, ())],
        Table.PIXEL: [f for t in sorted(product_types) for f in snapshot.pixels.get(t, ())],
    }


def _reading(table: Table, files: list[str]) -> str:
    """Return SQL that reads Parquet files; no files are a table without rows."""
    names = [field.name for field in SCHEMAS[table]]
    columns = ", ".join(f'"{name}"' for name in names)
    if files:
        listed = ", ".join("'" + _no_glob(file).replace("'", "''") + "'" for file in files)
        return f"select {columns} from read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608
    types = {pa.string(): "varchar", pa.float64(): "double", pa.int32(): "integer",
             pa.int64(): "bigint", pa.bool_(): "boolean"}  # fmt: skip
    empty = ", ".join(f'null::{types[f.type]} as "{f.name}"' for f in SCHEMAS[table])
    return f"select {empty} where false"


def _no_glob(path: str) -> str:
    """Return a path in which no character stands for others."""
    return re.sub(r"[\[*?]", r"[\g<0>]", path)


def _config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(Path(tempfile.gettempdir()) / "spectraldb"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.threads:
        config["threads"] = settings.threads
    return config
