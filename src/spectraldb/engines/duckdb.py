"""The embedded engine: DuckDB, over the lake's Parquet files or over Arrow tables."""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from spectraldb.engines.views import Views
from spectraldb.errors import BadQueryError, LakeError, LimitError
from spectraldb.lake.lake import Snapshot
from spectraldb.settings import Settings
from spectraldb.vocabulary import PRODUCT_TYPES

BATCH_ROWS = 65_536
RETRY_SECONDS = 0.02

Parameters = dict[str, object]
Given = Mapping[str, pa.Table | pa.RecordBatchReader]
"""Tables of a query by name."""


class DuckDBEngine:
    """Runs SQL over the tables DataProduct, SpectralCharacteristics and SpectralPixel.

    Each query runs on a cursor of its own.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            self._connection = duckdb.connect(":memory:", config=_config(settings))
        except duckdb.Error as error:
            raise BadQueryError(f"settings (SPECTRALDB_MEMORY_LIMIT, ...): {error}") from error
        self._connection.execute("set parquet_metadata_cache = true")
        self._views = Views(self._connection)
        self._time_limit = settings.time_limit

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
        with self.running() as cursor:
            self.see(cursor, snapshot, product_types or PRODUCT_TYPES)
            return cursor.sql(sql, params=parameters).to_arrow_table()

    def see(
        self, cursor: duckdb.DuckDBPyConnection, snapshot: Snapshot, product_types: frozenset[str]
    ) -> None:
        """Let the queries of a cursor see a version of the lake, narrowed to product types."""
        cursor.execute(f"use memory.{self._views.schema(snapshot, product_types)}")

    def close(self) -> None:
        """Give back what the engine holds."""
        self._connection.close()

    @contextmanager
    def running(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor for queries, which the time limit ends; errors leave as our own.

        Raises
        ------
        LakeError, LimitError
            As `fetch`; the time is that of all its queries and of whoever takes their batches.
        """
        try:
            cursor = self._connection.cursor()
            done = threading.Event()
            threading.Thread(target=self._end_late, args=(cursor, done), daemon=True).start()
            try:
                yield cursor
            finally:
                done.set()
                cursor.close()
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


def run(cursor: duckdb.DuckDBPyConnection, sql: str, given: Given) -> pa.Table:
    """Run SQL over Arrow tables and return its answer."""
    for name, table in given.items():
        cursor.register(name, table)
    return cursor.sql(sql).to_arrow_table()


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
