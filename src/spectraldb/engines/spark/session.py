"""A session of a cluster, and the connection that opens it."""

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
"""How often a request to a cluster that cannot be reached is retried, after 0.1, 0.2, ... s."""

RECONNECT_MS = 500
"""The longest pause before connecting again to a cluster that could not be reached."""

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
"""Texts in the errors of a cluster that does not know a session any more, since it was restarted;
the last line is what Sail says of a session that has lost a worker."""

CLOSE_SECONDS = 2.0
"""How long to wait for a cluster to end a session."""

GLOB_CHARACTERS = "*?{}[]\\"
"""Characters that clusters take for patterns of paths."""


class ClusterSession:
    """A session of a cluster; threads share it, as Spark's client allows.

    Parameters
    ----------
    spark
        The session.
    views
        The lake's files in it.
    """

    def __init__(self, spark: "SparkSession", views: ClusterViews) -> None:
        self._spark = spark
        self._views = views

    def run(self, statement: Statement, files: TableFiles, tag: str) -> Iterator[pa.Table]:
        """Yield the result of a query in tables, at least one.

        Parameters
        ----------
        statement
            The query.
        files
            The files of each table that it names, as this machine has them.
        tag
            A tag by which it can be interrupted; it applies to this thread.
        """
        self._spark.addTag(tag)
        try:
            names = {table.value: self._views.view(table, paths) for table, paths in files.items()}
            frame = self._spark.sql(spark_sql(statement, names))
            # What `DataFrame.toArrow` does, table by table.
            client: Any = self._spark.client
            plan: Any = frame._plan  # noqa: SLF001 - Spark has no public name
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
        """Interrupt a query without waiting: a cluster that hangs never answers."""
        _in_background(lambda: self._spark.interruptTag(tag))

    def is_lost(self, error: Exception) -> bool:
        """Return whether an error means that another session may succeed."""
        return any(text in str(error) for text in LOST)

    def close(self) -> None:
        """End it if the cluster still answers, and close the connection in any case."""
        _in_background(self._spark.stop).join(CLOSE_SECONDS)
        if not self._spark.client.is_closed:
            self.abandon().join(CLOSE_SECONDS)

    def abandon(self) -> threading.Thread:
        """Close the connection without a request to the cluster; return the thread that does so.

        Other threads that wait for the cluster fail at once.  A client that stays open sends a
        request when the interpreter ends, which takes seconds if the cluster is down.
        """
        return _in_background(self._spark.client.close)


class SparkConnection:
    """The session that queries share, opened when first needed and again when it is lost.

    Threads share it: a lock guards the session.

    Parameters
    ----------
    settings
        The address of the endpoint, and what `ClusterViews` needs.
    store
        Where the lake's files are.

    Raises
    ------
    BadQueryError
        If the address is empty or no address, the lake lies where a cluster cannot read it, or
        the client of Spark is not installed.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        if not settings.spark:
            raise BadQueryError(
                "say where the cluster is: --spark sc://host:15002, or SPECTRALDB_SPARK"
            )
        address = settings.spark_lake or store.address
        if characters := [c for c in GLOB_CHARACTERS if c in address]:
            raise BadQueryError(
                f"a cluster cannot read a lake with {' or '.join(characters)} in its path: "
                f"{address}"
            )
        _import()
        self._settings, self._store = settings, store
        self._channel()
        # What follows the host may hold a token.
        self.address = re.sub("(?<!/)[/;](?!/).*", "", settings.spark)
        self._lock = threading.Lock()
        self._session: ClusterSession | None = None
        self._dropped: list[ClusterSession] = []
        """Lost sessions, on which other queries may still be running."""

    def session(self) -> ClusterSession:
        """Return the session; open one if there is none."""
        with self._lock:
            if self._session is None:
                spark = self._open()
                views = ClusterViews(spark, self._settings, self._store)
                self._session = ClusterSession(spark, views)
            return self._session

    def drop(self, session: ClusterSession) -> None:
        """Make the next query open a new session."""
        with self._lock:
            if self._session is session:
                self._session = None
                self._dropped.append(session)

    def close(self) -> None:
        """End the session, and close the connections of lost ones."""
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
        # Its own policy retries for ten minutes, in which nobody learns what is wrong.
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
                f"--spark: this is no address of a cluster, such as sc://host:15002: {error}"
            ) from error
        # By default the pause between attempts grows to two minutes, for new sessions too.
        channel.setChannelOption("grpc.max_reconnect_backoff_ms", RECONNECT_MS)
        return channel


@contextlib.contextmanager
def spark_errors(connection: SparkConnection) -> Iterator[None]:
    """Raise errors of the cluster as ClusterError.

    Raises
    ------
    ClusterError
        In place of errors of Spark's client.
    """
    import grpc  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        yield
    except (PySparkException, grpc.RpcError) as error:
        raise ClusterError(
            f"the cluster at {connection.address} did not answer the search: {error_summary(error)}"
        ) from error


def _in_background(call: Callable[[], object]) -> threading.Thread:
    """Call a function in a thread and ignore its errors: nobody waits for it."""

    def work() -> None:
        with contextlib.suppress(Exception):
            call()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def _import() -> None:
    """Import the client of Spark, which takes a second."""
    try:
        with warnings.catch_warnings(), _main_module_with_a_file():
            # It warns of versions of pandas, which matter only to what is not used here.
            warnings.simplefilter("ignore", FutureWarning)
            import pyspark.sql.connect.session  # noqa: F401, PLC0415 - an extra
        # The same is raised as an error.
        warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]", UserWarning)
    except ImportError as error:
        raise BadQueryError(
            "searches on a cluster need one more package: pip install 'spectraldb[spark]'"
        ) from error


@contextlib.contextmanager
def _main_module_with_a_file() -> Iterator[None]:
    """Set `__file__` of the main module temporarily if it is missing, as in `python -c`.

    Without it, Spark's client assumes that its own doctests are running, and exits the
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
    """Return a table with one type of text: engines have several."""
    texts = (pa.large_string(), pa.string_view())
    schema = [(f.name, pa.string() if f.type in texts else f.type) for f in table.schema]
    return table.cast(pa.schema(schema))
