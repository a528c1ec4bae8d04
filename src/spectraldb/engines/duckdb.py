"""The embedded engine: DuckDB, over the lake's Parquet files or over Arrow tables."""

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

from spectraldb.engines.views import Views, table_files, tables_in
from spectraldb.errors import BadQueryError, LakeError, LimitError, StoppedError
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Snapshot
from spectraldb.settings import Settings
from spectraldb.stop import Stop, never
from spectraldb.storage.store import Store
from spectraldb.vocabulary import PRODUCT_TYPES, Table

BATCH_ROWS = 65_536
RETRY_SECONDS = 0.02
GLANCE_SECONDS = 0.05
"""How often it is looked whether a search is to stop."""

USER = os.getuid() if hasattr(os, "getuid") else getpass.getuser()

Parameters = dict[str, object]
Given = Mapping[str, pa.Table | pa.RecordBatchReader]
"""Tables of a query by name."""

_watches: weakref.WeakKeyDictionary[threading.Thread, threading.Event] = weakref.WeakKeyDictionary()
"""The threads that watch sessions, each with the event that ends it."""


class DuckDBEngine:
    """Runs SQL over the tables DataProduct, SpectralCharacteristics and SpectralPixel.

    Each query runs on a cursor of its own, and a thread of its own watches its time. These threads
    end before the interpreter does: one that outlives it keeps DuckDB's objects alive, which
    DuckDB's bindings then report as leaked on standard error.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
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
        stop: Stop = never,
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
        stop
            Tells to end it.

        Raises
        ------
        LakeError
            If a file of the lake cannot be read.
        LimitError
            If it needs more time or memory than the settings allow.
        StoppedError
            If `stop` told to end it.
        """
        with self.running(stop) as session:
            self.see(session, snapshot, product_types or PRODUCT_TYPES, tables_in(sql))
            return session.cursor.sql(sql, params=parameters).to_arrow_table()

    def see(
        self,
        session: "Session",
        snapshot: Snapshot,
        product_types: frozenset[str],
        tables: frozenset[Table],
    ) -> None:
        """Let the queries of a session see tables of a version, narrowed to product types."""
        files = table_files(snapshot, product_types, tables)
        try:
            with lake_errors("read"):
                self._store.bring((Path(f) for each in files.values() for f in each), session.check)
        except LimitError as error:
            raise LimitError(f"{error}, or narrow the search to fewer products") from error
        session.cursor.execute(f"use memory.{self._views.schema(snapshot.generation, files)}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor for work without a time limit; whoever asks for it closes it."""
        return self._connection.cursor()

    def close(self) -> None:
        """Give back what the engine holds."""
        self._connection.close()

    @contextmanager
    def running(self, stop: Stop = never) -> Iterator["Session"]:
        """Give a session for queries; the time limit ends it, and so does `stop`.

        Raises
        ------
        LakeError, LimitError
            As `fetch`; the time is that of all its queries and of whoever takes their batches.
        StoppedError
            If `stop` told to end it.
        """
        try:
            session = Session(self._connection.cursor())
            watch = threading.Thread(target=self._watch, args=(session, stop), daemon=True)
            _watches[watch] = session.done
            watch.start()
            try:
                yield session
            finally:
                session.done.set()
                session.cursor.close()
        except duckdb.InterruptException as error:
            if stop():
                raise StoppedError("the search was stopped") from error
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

    def _watch(self, session: "Session", stop: Stop) -> None:
        """End a session once its time is up, or once it is to stop."""
        ends = time.monotonic() + self._time_limit
        glance = self._time_limit if stop is never else min(GLANCE_SECONDS, self._time_limit)
        while not session.done.wait(glance):
            if stop() or time.monotonic() >= ends:
                session.ended.set()
                break
        while not session.done.wait(RETRY_SECONDS):  # whatever it goes on with
            session.cursor.interrupt()


@dataclass(frozen=True)
class Session:
    """Queries of one answer, on a cursor of their own."""

    cursor: duckdb.DuckDBPyConnection
    done: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    """Set from outside, to end it."""

    def run(self, sql: str, given: Given) -> pa.Table:
        """Run SQL over Arrow tables and return its answer."""
        return self._query(sql, given).to_arrow_table()

    def stream(self, sql: str, given: Given) -> pa.RecordBatchReader:
        """Run SQL over Arrow tables and return its answer as a stream."""
        return self._query(sql, given).to_arrow_reader(BATCH_ROWS)

    def check(self) -> None:
        """Raise duckdb.InterruptException if the session is to end."""
        if self.ended.is_set():
            raise duckdb.InterruptException("ended")

    def _query(self, sql: str, given: Given) -> duckdb.DuckDBPyRelation:
        for name, table in given.items():
            self.cursor.register(name, table)
        return self.cursor.sql(sql)


@atexit.register
def _end_watches() -> None:
    """End the threads that watch sessions, also of sessions that were left open."""
    for watch, done in list(_watches.items()):
        done.set()
        if watch.is_alive():
            watch.join()


def _config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        # Of each user's own: others may not write into it.
        "temp_directory": str(Path(tempfile.gettempdir()) / f"spectraldb-{USER}"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if settings.threads:
        config["threads"] = settings.threads
    return config
