"""Sessions on a cluster, and the connection that opens them."""

import contextlib
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectraldb.engines.spark.dialect import spark_sql
from spectraldb.engines.spark.views import ClusterViews
from spectraldb.engines.views import TableFiles
from spectraldb.errors import BadQueryError, ClusterError
from spectraldb.query.sql.statement import Statement
from spectraldb.settings import Settings
from spectraldb.storage.errors import error_summary
from spectraldb.storage.store import Store

if TYPE_CHECKING:
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.session import SparkSession

RETRIES = 4
"""Number of retries if a cluster cannot be reached, after 0.1, 0.2, 0.4 and 0.8 s."""

RECONNECT_MS = 500
"""Maximum interval between attempts to reconnect to a cluster that cannot be reached."""

LOST = (
    "SESSION_NOT_FOUND",
    "SESSION_CLOSED",
    "SESSION_CHANGED",
    "TABLE_OR_VIEW_NOT_FOUND",
    "session not found",
    "table not found",
    "UNAVAILABLE",
    "Connection refused",
    "h2 protocol error",
    "already produced job output",
)
"""Texts in the errors of a cluster that no longer has a session, for example after a restart; the
last one is the error of Sail for a session that has lost a worker."""

CLOSE_SECONDS = 2.0
"""Time to wait for a cluster to end a session."""

GLOB_CHARACTERS = "*?{}[]\\"
"""Characters that clusters interpret as glob patterns in paths."""


class ClusterSession:
    """A session on a cluster; thread-safe, because Spark's client is.

    Parameters
    ----------
    spark
        The session of Spark's client.
    views
        The views over the files of the lake in the session.
    """

    def __init__(self, spark: "SparkSession", views: ClusterViews) -> None:
        self._spark = spark
        self._views = views

    def run(self, statement: Statement, files: TableFiles, tag: str) -> Iterator[pa.Table]:
        """Yield the result of a query in at least one table.

        Parameters
        ----------
        statement
            The query.
        files
            The files of each table in the query, with their paths on this machine.
        tag
            Tag for `interrupt`; it applies to the current thread.
        """
        self._spark.addTag(tag)
        try:
            names = {table.value: self._views.view(table, paths) for table, paths in files.items()}
            frame = self._spark.sql(spark_sql(statement, names))
            # The same as `DataFrame.toArrow`, but one table at a time.
            client: Any = self._spark.client
            plan: Any = frame._plan  # noqa: SLF001 - Spark has no public attribute
            has_rows = False
            for table in client.to_table_as_iterator(plan.to_proto(client), plan.observations):
                if isinstance(table, pa.Table):
                    has_rows = True
                    yield _with_plain_strings(table)
            if not has_rows:
                yield _with_plain_strings(frame.limit(0).toArrow())
        finally:
            self._spark.removeTag(tag)

    def interrupt(self, tag: str) -> None:
        """Interrupt a query without waiting, because a hanging cluster does not respond."""
        _in_background(lambda: self._spark.interruptTag(tag))

    def is_lost(self, error: Exception) -> bool:
        """Return whether an error means that the session is lost and a new one may succeed."""
        return any(text in str(error) for text in LOST)

    def close(self) -> None:
        """End the session if the cluster responds, and close the connection in any case."""
        _in_background(self._spark.stop).join(CLOSE_SECONDS)
        if not self._spark.client.is_closed:
            self.abandon().join(CLOSE_SECONDS)

    def abandon(self) -> threading.Thread:
        """Close the connection in a thread, without a request to the cluster; return the thread.

        Other threads that wait for the cluster fail immediately.  A client that stays open sends a
        request when the interpreter exits, which takes seconds if the cluster is down.
        """
        return _in_background(self._spark.client.close)


class SparkConnection:
    """The session that all queries share, opened on first use and reopened when it is lost.

    The class is thread-safe: a lock guards the session.

    Parameters
    ----------
    settings
        The address of the cluster, and the settings of `ClusterViews`.
    store
        Where the files of the lake are.

    Raises
    ------
    BadQueryError
        If the address is missing or invalid, the path of the lake contains glob characters, or
        Spark's client is not installed.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        if not settings.spark:
            raise BadQueryError(
                "Specify the address of the cluster with --spark "
                "sc://host:15002 or SPECTRALDB_SPARK."
            )
        address = settings.spark_lake or store.address
        if characters := [c for c in GLOB_CHARACTERS if c in address]:
            raise BadQueryError(
                f"A cluster cannot read a lake with {' or '.join(characters)} in "
                f"its path: {address}"
            )
        _import()
        self._settings, self._store = settings, store
        self._channel()
        # Remove the parameters after the host, which can include a token.
        self.address = re.sub("(?<!/)[/;](?!/).*", "", settings.spark)
        self._lock = threading.Lock()
        self._session: ClusterSession | None = None
        self._dropped: list[ClusterSession] = []
        """Lost sessions, in which other queries may still be running."""

    def session(self) -> ClusterSession:
        """Return the session; open it if necessary."""
        with self._lock:
            if self._session is None:
                spark = self._open()
                views = ClusterViews(spark, self._settings, self._store)
                self._session = ClusterSession(spark, views)
            return self._session

    def drop(self, session: ClusterSession) -> None:
        """Drop a lost session, so that the next query opens a new one."""
        with self._lock:
            if self._session is session:
                self._session = None
                self._dropped.append(session)

    def close(self) -> None:
        """End the session, and close the connections of lost sessions."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None
            for closing in [session.abandon() for session in self._dropped]:
                closing.join(CLOSE_SECONDS)
            self._dropped.clear()

    def _open(self) -> "SparkSession":
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415 - an extra
        from pyspark.sql.connect.session import SparkSession  # noqa: PLC0415 - as above

        session = SparkSession.builder.channelBuilder(self._channel()).create()
        # The default policy retries for ten minutes before it reports an error.
        policy = DefaultPolicy(
            max_retries=RETRIES, initial_backoff=100, backoff_multiplier=2.0, jitter=0
        )
        session.client.set_retry_policies([policy])
        return session

    def _channel(self) -> "DefaultChannelBuilder":
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.sql.connect.client import DefaultChannelBuilder  # noqa: PLC0415 - as above

        try:
            channel = DefaultChannelBuilder(self._settings.spark)
        except (PySparkException, ValueError) as error:
            raise BadQueryError(
                f"--spark: This is not the address of a cluster, such as sc://host:15002: {error}"
            ) from error
        # By default the back-off grows to two minutes, also for new sessions.
        channel.setChannelOption("grpc.max_reconnect_backoff_ms", RECONNECT_MS)
        return channel


@contextlib.contextmanager
def spark_errors(connection: SparkConnection) -> Iterator[None]:
    """Convert the errors of Spark's client.

    Raises
    ------
    ClusterError
        If Spark's client raises an error.
    """
    import grpc  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        yield
    except (PySparkException, grpc.RpcError) as error:
        raise ClusterError(
            f"The cluster at {connection.address} did not complete the "
            f"search: {error_summary(error)}"
        ) from error


def _in_background(call: Callable[[], object]) -> threading.Thread:
    """Call a function in a thread and ignore its errors."""

    def work() -> None:
        with contextlib.suppress(Exception):
            call()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def _import() -> None:
    """Import Spark's client, which takes a second.

    Raises
    ------
    BadQueryError
        If it is not installed.
    """
    try:
        with warnings.catch_warnings(), _main_module_with_a_file():
            # It warns about versions of pandas, which only affect features that are not used here.
            warnings.simplefilter("ignore", FutureWarning)
            import pyspark.sql.connect.session  # noqa: F401, PLC0415 - an extra
        # The client also raises this as an error.
        warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]", UserWarning)
    except ImportError as error:
        raise BadQueryError(
            "Searches on a cluster require another package. Run `pip install 'spectraldb[spark]'`."
        ) from error


@contextlib.contextmanager
def _main_module_with_a_file() -> Iterator[None]:
    """Temporarily set `__file__` of the main module if it is missing, as in `python -c`.

    Without `__file__`, Spark's client assumes that its own doctests are running, and exits the
    interpreter.
    """
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = "<none>"
    try:
        yield
    finally:
        del main.__file__


def _with_plain_strings(table: pa.Table) -> pa.Table:
    """Cast text columns to `string`, because the types vary between clusters."""
    texts = (pa.large_string(), pa.string_view())
    schema = [(f.name, pa.string() if f.type in texts else f.type) for f in table.schema]
    return table.cast(pa.schema(schema))
