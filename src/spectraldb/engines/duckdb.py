"""DuckDB sessions over the Parquet files of the lake, or over Arrow tables."""

import atexit
import getpass
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.limits import stopped, time_limit_error
from spectraldb.engines.views import Views, table_files, tables_in
from spectraldb.errors import BadQueryError, LakeError, LimitError
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.snapshot import Snapshot
from spectraldb.schema.tables import PRODUCT_TYPES, Table
from spectraldb.settings import Settings
from spectraldb.storage.store import Store

BATCH_ROWS = 65_536
"""Number of rows in a batch of a streamed result."""
RETRY_SECONDS = 0.02
"""Interval between attempts to interrupt a session that should end."""
POLL_SECONDS = 0.05
"""Interval at which the cancellation token of a search is polled."""

USER = os.getuid() if hasattr(os, "getuid") else getpass.getuser()

Parameters = dict[str, object]
Inputs = Mapping[str, pa.Table | pa.RecordBatchReader]
"""Input tables of a query, by name."""

_watches: weakref.WeakKeyDictionary[threading.Thread, threading.Event] = weakref.WeakKeyDictionary()
"""The watchdog threads of sessions, each with the event that ends it."""


class DuckDBEngine:
    """Runs SQL over the tables DataProduct, SpectralCharacteristics and SpectralPixel.

    The engine is thread-safe: a lock guards the views, and each session has its own cursor, with a
    watchdog thread that enforces the time limit.  The watchdogs are joined before the interpreter
    exits, because otherwise DuckDB reports the objects that they keep alive as leaked.

    Parameters
    ----------
    settings
        The memory limit, the number of threads and the time limit.
    store
        Where the files of the lake are.

    Raises
    ------
    BadQueryError
        If DuckDB rejects a setting.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        try:
            self._connection = duckdb.connect(":memory:", config=_config(settings))
        except duckdb.Error as error:
            raise BadQueryError(f"Settings (SPECTRALDB_MEMORY_LIMIT, ...): {error}") from error
        self._connection.execute("set parquet_metadata_cache = true")
        self._views = Views(self._connection)
        self._time_limit = settings.time_limit

    def fetch(
        self,
        sql: str,
        snapshot: Snapshot,
        product_types: frozenset[str] | None = None,
        parameters: Parameters | None = None,
        cancel: Cancellation = NEVER,
    ) -> pa.Table:
        """Run SQL on a version of the lake and return its result.

        Parameters
        ----------
        sql
            The SQL to run.
        snapshot
            The version of the lake.
        product_types
            The product types that can be in the result; files of other types are not read. None
            for all types.
        parameters
            Values of the named parameters of the SQL.
        cancel
            Cancellation token.

        Raises
        ------
        LakeError
            If a file of the lake cannot be read.
        LimitError
            If the query needs more time or memory than the settings allow.
        StoppedError
            If the query was cancelled.
        """
        with self.running(cancel) as session:
            self.use_views(session, snapshot, product_types or PRODUCT_TYPES, tables_in(sql))
            return session.cursor.sql(sql, params=parameters).to_arrow_table()

    def use_views(
        self,
        session: "Session",
        snapshot: Snapshot,
        product_types: frozenset[str],
        tables: frozenset[Table],
    ) -> None:
        """Make tables of a version available to a session, restricted to product types.

        Raises
        ------
        LakeError
            If the files cannot be downloaded.
        LimitError
            If the files do not fit in the cache.
        """
        files = table_files(snapshot, product_types, tables)
        try:
            with lake_errors("read"):
                paths = (Path(file) for each in files.values() for file in each)
                self._store.localize(paths, session.cancel)
        except LimitError as error:
            raise LimitError(
                f"{error} Alternatively, narrow the search to fewer products."
            ) from error
        session.cursor.execute(f"use memory.{self._views.schema(snapshot.generation, files)}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor without a time limit, which the caller closes."""
        return self._connection.cursor()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def running(self, cancel: Cancellation = NEVER) -> Iterator["Session"]:
        """Open a session, which the time limit or a cancellation ends.

        Raises
        ------
        LakeError, LimitError
            As in `fetch`. The time limit covers all queries of the session, and the time that the
            consumer takes to process their batches.
        StoppedError
            If the session was cancelled.
        """
        try:
            session = Session(self._connection.cursor())
            watch = threading.Thread(target=self._watch, args=(session, cancel), daemon=True)
            _watches[watch] = session.done
            watch.start()
            try:
                yield session
            finally:
                session.close()
        except duckdb.InterruptException as error:
            if cancel.requested():
                raise stopped() from error
            raise time_limit_error(self._time_limit) from error
        except duckdb.OutOfMemoryException as error:
            raise LimitError(
                "The search exceeded the memory limit. Remove sort_by, or "
                "narrow its wavelengths, products or position."
            ) from error
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise LakeError(f"A file of the lake cannot be read: {error}") from error

    def _watch(self, session: "Session", cancel: Cancellation) -> None:
        """Interrupt a session when its time limit has passed or it is cancelled."""
        ends = time.monotonic() + self._time_limit
        poll = self._time_limit if cancel is NEVER else min(POLL_SECONDS, self._time_limit)
        while not session.done.wait(poll):
            if cancel.requested() or time.monotonic() >= ends:
                session.ended.set()
                break
        while not session.done.wait(RETRY_SECONDS):  # it can start another query
            session.interrupt()


@dataclass(frozen=True)
class Session:
    """A cursor for the queries of one result.

    Two threads share a session: one runs the queries, and a watchdog enforces the time limit.  A
    lock prevents the watchdog from interrupting a closed cursor.
    """

    cursor: duckdb.DuckDBPyConnection
    done: threading.Event = field(default_factory=threading.Event)
    """Set when the session is closed."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Set by the watchdog to end the session."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        """Close the cursor."""
        with self._lock:
            self.done.set()
            self.cursor.close()

    def interrupt(self) -> None:
        """Interrupt the running query, unless the session is closed."""
        with self._lock:
            if not self.done.is_set():
                self.cursor.interrupt()

    def run(self, sql: str, inputs: Inputs) -> pa.Table:
        """Run SQL over Arrow tables and return its result."""
        return self._query(sql, inputs).to_arrow_table()

    def stream(self, sql: str, inputs: Inputs) -> pa.RecordBatchReader:
        """Run SQL over Arrow tables and return its result as a stream."""
        return self._query(sql, inputs).to_arrow_reader(BATCH_ROWS)

    @property
    def cancel(self) -> Cancellation:
        """Cancellation token of the session; its `check` raises duckdb.InterruptException."""
        return Cancellation(self.ended.is_set, lambda: duckdb.InterruptException("ended"))

    def _query(self, sql: str, inputs: Inputs) -> duckdb.DuckDBPyRelation:
        for name, table in inputs.items():
            self.cursor.register(name, table)
        return self.cursor.sql(sql)


@atexit.register
def _end_watches() -> None:
    """End all watchdog threads, including the ones of abandoned sessions."""
    for watch, done in list(_watches.items()):
        done.set()
        if watch.is_alive():
            watch.join()


def _config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        # One directory per user, because other users cannot write to it.
        "temp_directory": str(Path(tempfile.gettempdir()) / f"spectraldb-{USER}"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.threads:
        config["threads"] = settings.threads
    return config
