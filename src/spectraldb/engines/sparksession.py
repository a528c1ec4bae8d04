"""A session of a cluster, and how it is reached."""

import contextlib
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectraldb.engines.sparkviews import ClusterViews
from spectraldb.engines.views import TableFiles
from spectraldb.errors import BadQueryError, ClusterError
from spectraldb.query.statement import Statement
from spectraldb.settings import Settings
from spectraldb.storage.reason import reason_of
from spectraldb.storage.store import Store

if TYPE_CHECKING:
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.session import SparkSession

RETRIES = 4
"""How often a cluster that cannot be reached is asked again, after 0.1, 0.2, ... seconds."""

RECONNECT_MS = 500
"""How long to wait at most before a cluster that could not be reached is tried again."""

LOST = (
    "SESSION_NOT_FOUND", "SESSION_CLOSED", "SESSION_CHANGED", "TABLE_OR_VIEW_NOT_FOUND",
    "session not found", "table not found", "UNAVAILABLE",
    "Connection refused", "h2 protocol error", "already produced job output",
)  # fmt: skip
"""What a cluster says of a session that it does not know any more, for it was started anew; and
Sail, in the last line, of one that has lost a worker."""

CLOSE_SECONDS = 2.0
"""How long to wait for a cluster to end a session."""

ODD = "*?{}[]\\"
"""Characters by which clusters take one path for many."""


class ClusterSession:
    """A session of a cluster.

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

    def run(self, sql: Statement, files: TableFiles, tag: str) -> Iterator[pa.Table]:
        """Yield the answer of a query in pieces, at least one.

        Parameters
        ----------
        sql
            The query.
        files
            The files of each table that it names, as this machine has them.
        tag
            A word by which it can be interrupted; it holds for this thread.
        """
        self._spark.addTag(tag)
        try:
            names = {table.value: self._views.of(table, paths) for table, paths in files.items()}
            frame = self._spark.sql(sql.in_dialect("spark", names))
            # What `DataFrame.toArrow` does, piece by piece.
            client: Any = self._spark.client
            plan: Any = frame._plan  # noqa: SLF001
            found = False
            for piece in client.to_table_as_iterator(plan.to_proto(client), plan.observations):
                if isinstance(piece, pa.Table):
                    found = True
                    yield _plain(piece)
            if not found:
                yield _plain(frame.limit(0).toArrow())
        finally:
            self._spark.removeTag(tag)

    def interrupt(self, tag: str) -> None:
        """Have a query ended, without waiting for that: a cluster that hangs never answers."""
        _aside(lambda: self._spark.interruptTag(tag))

    def is_lost(self, error: Exception) -> bool:
        """Tell whether an error says that another session may answer."""
        return any(word in str(error) for word in LOST)

    def close(self) -> None:
        """End it, if the cluster is still there, and close the connection in any case."""
        _aside(self._spark.stop).join(CLOSE_SECONDS)
        if not self._spark.client.is_closed:
            self.abandon().join(CLOSE_SECONDS)

    def abandon(self) -> threading.Thread:
        """Close the connection, without asking the cluster for anything.

        What waits for the cluster in other threads fails at once. A client that stays open asks
        the cluster again when the interpreter ends, which takes seconds if the cluster is gone.

        Returns
        -------
        threading.Thread
            The thread that closes it.
        """
        return _aside(self._spark.client.close)


class SparkConnection:
    """The session that queries share, made when it is first needed and again when it is lost.

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
        place = settings.spark_lake or store.place
        if odd := [c for c in ODD if c in place]:
            raise BadQueryError(
                f"a cluster cannot read a lake with {' or '.join(odd)} in its path: {place}"
            )
        _import()
        self._settings, self._store = settings, store
        self._channel()
        # What follows the host may hold a token.
        self.address = re.sub("(?<!/)[/;](?!/).*", "", settings.spark)
        self._lock = threading.Lock()
        self._session: ClusterSession | None = None
        self._dropped: list[ClusterSession] = []
        """Other queries may still be running on these."""

    def session(self) -> ClusterSession:
        """Return the session, a new one if there is none."""
        with self._lock:
            if self._session is None:
                spark = self._made()
                views = ClusterViews(spark, self._settings, self._store)
                self._session = ClusterSession(spark, views)
            return self._session

    def drop(self, session: ClusterSession) -> None:
        """Have the next query make a new session."""
        with self._lock:
            if self._session is session:
                self._session = None
                self._dropped.append(session)

    def close(self) -> None:
        """End the session, and close the connections of those that were lost."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None
            for closing in [session.abandon() for session in self._dropped]:
                closing.join(CLOSE_SECONDS)
            self._dropped.clear()

    def _made(self) -> "SparkSession":
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415 - an extra
        from pyspark.sql.connect.session import SparkSession  # noqa: PLC0415 - as above

        session = SparkSession.builder.channelBuilder(self._channel()).create()
        # Its own policy goes on for ten minutes, in which nobody learns what is wrong.
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
        # Its own pause between tries to connect grows to two minutes, for new sessions too.
        channel.setChannelOption("grpc.max_reconnect_backoff_ms", RECONNECT_MS)
        return channel


@contextlib.contextmanager
def spark_errors(connection: SparkConnection) -> Iterator[None]:
    """Tell what goes wrong on the cluster as an error of its own.

    Raises
    ------
    ClusterError
        In place of the errors of Spark's client.
    """
    import grpc  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        yield
    except (PySparkException, grpc.RpcError) as error:
        raise ClusterError(
            f"the cluster at {connection.address} did not answer the search: {reason_of(error)}"
        ) from error


def _aside(call: Callable[[], object]) -> threading.Thread:
    """Call something in a thread that nobody has to wait for; whether it fails is all the same."""

    def work() -> None:
        with contextlib.suppress(Exception):
            call()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def _import() -> None:
    """Import the client of Spark, which takes a second."""
    try:
        with warnings.catch_warnings():
            # It tells of versions of pandas that matter to what is not used here.
            warnings.simplefilter("ignore", FutureWarning)
            import pyspark.sql.connect.session  # noqa: F401, PLC0415 - an extra
        # What it warns of is an error too, which is told.
        warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]", UserWarning)
    except ImportError as error:
        raise BadQueryError(
            "searches on a cluster need one more package: pip install 'spectraldb[spark]'"
        ) from error


def _plain(table: pa.Table) -> pa.Table:
    """Return a table with text as everywhere here: engines have several types for it."""
    texts = (pa.large_string(), pa.string_view())
    schema = [(f.name, pa.string() if f.type in texts else f.type) for f in table.schema]
    return table.cast(pa.schema(schema))
