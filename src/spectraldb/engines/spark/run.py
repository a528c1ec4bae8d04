"""A single query on a cluster."""

import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Iterator

import pyarrow as pa

from spectraldb.cancellation import Cancellation
from spectraldb.engines.spark.session import ClusterSession, SparkConnection, spark_errors
from spectraldb.engines.views import TableFiles
from spectraldb.errors import ClusterError, LimitError, StoppedError
from spectraldb.query.sql.statement import Statement

POLL_SECONDS = 0.05
"""Interval at which the cancellation token is polled."""

MAX_QUEUED = 2
"""Maximum number of tables waiting for the consumer, which bounds the use of memory."""

_DONE = object()


class ClusterRun:
    """A query that runs in a separate thread, so that the consumer can abandon it.

    The thread of the query sends tables to the thread of the consumer through a queue.  The
    consumer sets an event when it abandons the query.

    Parameters
    ----------
    connection
        The connection to the cluster.
    statement
        The query.
    files
        The files of each table in the query.
    """

    def __init__(
        self, connection: SparkConnection, statement: Statement, files: TableFiles
    ) -> None:
        self._connection, self._statement, self._files = connection, statement, files
        self._tag = uuid.uuid4().hex
        self._session: ClusterSession | None = None
        self._queue: queue.Queue[object] = queue.Queue(MAX_QUEUED)
        self._abandoned = threading.Event()

    def tables(self, time_limit: float, cancel: Cancellation) -> Iterator[pa.Table]:
        """Yield the result in tables: at least one, which can be empty.

        Parameters
        ----------
        time_limit
            Time limit in seconds.
        cancel
            Cancellation token.

        Raises
        ------
        ClusterError
            If the search fails on the cluster.
        LimitError
            If the time limit is exceeded.
        StoppedError
            If the search was cancelled.
        """
        deadline = time.monotonic() + time_limit
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        try:
            while (item := self._next(deadline, cancel)) is not _DONE:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self._abandoned.set()
            if thread.is_alive() and self._session is not None:
                self._session.interrupt(self._tag)

    def _next(self, deadline: float, cancel: Cancellation) -> object:
        while True:
            with contextlib.suppress(queue.Empty):
                return self._queue.get(timeout=POLL_SECONDS)
            if cancel.requested():
                raise StoppedError("The search was stopped.")
            if time.monotonic() >= deadline:
                raise LimitError(
                    "The search exceeded the time limit. Narrow its wavelengths, "
                    "products or position."
                )

    def _work(self) -> None:
        try:
            with spark_errors(self._connection):
                self._run()
            self._put(_DONE)
        except Exception as error:  # noqa: BLE001 - the consumer raises it
            self._put(error)

    def _run(self) -> None:
        """Run the query, and retry once in a new session if the session or a worker is lost."""
        for is_last in (False, True):
            session = self._session = self._connection.session()
            has_rows = False
            try:
                for table in session.run(self._statement, self._files, self._tag):
                    has_rows = True
                    self._put(table)
            except Exception as error:
                if self._abandoned.is_set():
                    raise  # interrupted by the consumer: the session is still usable
                if not isinstance(error, ClusterError):
                    self._connection.drop(session)
                if is_last or has_rows or not session.is_lost(error):
                    raise
            else:
                return

    def _put(self, item: object) -> None:
        while not self._abandoned.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=POLL_SECONDS)
                return
