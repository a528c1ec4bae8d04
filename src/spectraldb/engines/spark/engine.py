"""Searches on a cluster that speaks Spark Connect: Apache Spark, Databricks, Sail."""

import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.file_pruning import narrowed
from spectraldb.engines.spark.session import ClusterSession, SparkConnection, spark_errors
from spectraldb.engines.spark.sorted_copies import OrderedFiles
from spectraldb.engines.views import TableFiles, table_files, tables_in
from spectraldb.errors import ClusterError, LimitError, StoppedError
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Snapshot
from spectraldb.lake.product_columns import Products
from spectraldb.query.pruning import Scope
from spectraldb.query.sql.statement import Statement
from spectraldb.settings import Settings
from spectraldb.storage.store import Store

POLL_SECONDS = 0.05
"""How often it is looked whether a search is to stop."""

WAITING = 2
"""Pieces of an answer that wait to be taken: more would only fill the memory."""

CHECK_SECONDS = 10.0
"""How long a cluster may take to tell that it is there."""

ONE = Statement(exp.select(exp.Literal.number(1)))

_DONE = object()


class SparkEngine:
    """Runs queries on a cluster; see `spectraldb.engines.base`.

    The cluster reads the lake's Parquet files itself, and of these those alone that can hold what
    is asked for.

    Parameters
    ----------
    settings
        Where the cluster is, and the time limit.
    store
        Where the lake's files are; the cluster has to reach them there.

    Raises
    ------
    BadQueryError
        If the settings name no cluster, or the client of Spark is not installed.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._time_limit = settings.time_limit
        self._ordered = OrderedFiles(store)
        self._connection = SparkConnection(settings, store)

    def answers(
        self,
        sql: Statement,
        snapshot: Snapshot,
        scope: Scope,
        products: Products,  # noqa: ARG002 - the cluster reads them
        *,
        in_order: bool = False,  # noqa: ARG002 - there is one answer, in the SQL's order
        cancel: Cancellation = NEVER,
    ) -> Iterator[pa.Table]:
        """Yield the answer."""
        yield self.rows(sql, self._chosen(snapshot, scope), scope.product_types, cancel)

    def stream(
        self,
        sql: Statement,
        snapshot: Snapshot,
        scope: Scope,
        products: Products,  # noqa: ARG002 - the cluster reads them
        *,
        in_order: bool,  # noqa: ARG002 - the SQL says it
        cancel: Cancellation = NEVER,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the answer as it comes."""
        files = self._chosen(snapshot, scope)
        for table in self._pieces(sql, files, scope.product_types, cancel):
            yield from table.to_batches()

    def rows(
        self,
        sql: Statement,
        snapshot: Snapshot,
        product_types: frozenset[str],
        cancel: Cancellation = NEVER,
    ) -> pa.Table:
        """Return the answer of a query."""
        pieces = self._pieces(sql, snapshot, product_types, cancel)
        return pa.concat_tables(pieces).combine_chunks()

    def _chosen(self, snapshot: Snapshot, scope: Scope) -> Snapshot:
        """Return a version with the files alone that a search has to look at."""
        with lake_errors("read"):
            return self._ordered.instead(narrowed(snapshot, scope), scope)

    def _pieces(
        self,
        sql: Statement,
        snapshot: Snapshot,
        product_types: frozenset[str],
        cancel: Cancellation,
    ) -> Iterator[pa.Table]:
        files = table_files(snapshot, product_types, tables_in(sql.text))
        return _Run(self._connection, sql, files).pieces(self._time_limit, cancel)

    def warm(self, snapshot: Snapshot) -> None:
        """Do nothing: the cluster has the lake."""

    def check(self) -> None:
        """Raise ClusterError if the cluster does not answer now."""
        try:
            list(_Run(self._connection, ONE, {}).pieces(CHECK_SECONDS, NEVER))
        except LimitError as error:
            raise ClusterError(f"the cluster did not answer for {CHECK_SECONDS:g} s") from error

    def close(self) -> None:
        """End the session."""
        self._connection.close()


class _Run:
    """A query that runs in a thread of its own, so that whoever waits for it can go away."""

    def __init__(self, connection: SparkConnection, sql: Statement, files: TableFiles) -> None:
        self._connection, self._sql, self._files = connection, sql, files
        self._tag = uuid.uuid4().hex
        self._session: ClusterSession | None = None
        self._pieces: queue.Queue[object] = queue.Queue(WAITING)
        self._over = threading.Event()

    def pieces(self, time_limit: float, cancel: Cancellation) -> Iterator[pa.Table]:
        """Yield the answer in pieces: one at least, which may have no rows."""
        ends = time.monotonic() + time_limit
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        try:
            while (piece := self._next(ends, cancel)) is not _DONE:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            self._over.set()
            if thread.is_alive() and self._session is not None:
                self._session.interrupt(self._tag)

    def _next(self, ends: float, cancel: Cancellation) -> object:
        while True:
            with contextlib.suppress(queue.Empty):
                return self._pieces.get(timeout=POLL_SECONDS)
            if cancel.requested():
                raise StoppedError("the search was stopped")
            if time.monotonic() >= ends:
                raise LimitError(
                    "the search took longer than is the limit here; narrow its wavelengths, its "
                    "products or its position"
                )

    def _work(self) -> None:
        try:
            with spark_errors(self._connection):
                self._ask()
            self._put(_DONE)
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            self._put(error)

    def _ask(self) -> None:
        """Run the query; where the session is lost, or a worker of it, in another one, once."""
        for is_last in (False, True):
            session = self._session = self._connection.session()
            begun = False
            try:
                for piece in session.run(self._sql, self._files, self._tag):
                    begun = True
                    self._put(piece)
            except Exception as error:
                if self._over.is_set():
                    raise  # it was interrupted: the session is as good as before
                if not isinstance(error, ClusterError):
                    self._connection.drop(session)
                if is_last or begun or not session.is_lost(error):
                    raise
            else:
                return

    def _put(self, piece: object) -> None:
        while not self._over.is_set():
            with contextlib.suppress(queue.Full):
                self._pieces.put(piece, timeout=POLL_SECONDS)
                return
