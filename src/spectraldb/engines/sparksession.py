"""A session of a cluster, and the lake's files as views in it."""

import contextlib
import hashlib
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectraldb.derive.rows import SCHEMAS
from spectraldb.engines.views import TableFiles
from spectraldb.errors import BadQueryError, LakeError
from spectraldb.query.statement import Statement
from spectraldb.settings import Settings
from spectraldb.storage.reason import reason_of
from spectraldb.storage.store import Store
from spectraldb.vocabulary import Table

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

RETRIES = 4
"""How often a cluster that cannot be reached is asked again, after 0.1, 0.2, ... seconds."""

RECONNECT_MS = 500
"""How long to wait at most before a cluster that could not be reached is tried again."""

VIEW_SECONDS = 600.0
"""A view that was not used for so long, and for longer than a search may take, is dropped."""

LOST = (
    "SESSION_NOT_FOUND", "SESSION_CLOSED", "SESSION_CHANGED", "TABLE_OR_VIEW_NOT_FOUND",
    "session not found", "table not found", "UNAVAILABLE",
    "Connection refused", "h2 protocol error", "already produced job output",
)  # fmt: skip
"""What a cluster says of a session that it does not know any more, for it was started anew; and
Sail, in the last line, of one that has lost a worker."""

TYPES = {
    pa.string(): "string",
    pa.float64(): "double",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.bool_(): "boolean",
}
"""The types of the lake's columns, as Spark has them."""


class ClusterSession:
    """A session of a cluster.

    Parameters
    ----------
    spark
        The session.
    settings
        Where the cluster finds the lake, and how many seconds a search may take.
    store
        Where the lake's files are.
    """

    def __init__(self, spark: "SparkSession", settings: Settings, store: Store) -> None:
        self._spark = spark
        self._lake = settings.spark_lake.rstrip("/")
        self._store = store
        self._keep_seconds = max(VIEW_SECONDS, 2 * settings.time_limit)
        self._views: dict[str, float] = {}
        self._lock = threading.Lock()

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
            names = {table.value: self._view(table, paths) for table, paths in files.items()}
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
        """End a query; of a cluster that cannot, nobody waits for the answer."""
        with contextlib.suppress(Exception):
            self._spark.interruptTag(tag)

    def is_lost(self, error: Exception) -> bool:
        """Tell whether an error says that another session may answer."""
        return any(word in str(error) for word in LOST)

    def close(self) -> None:
        """End it, if the cluster is still there."""
        with contextlib.suppress(Exception):
            self._spark.stop()

    def _view(self, table: Table, paths: list[str]) -> str:
        """Return the name of a view of some files, which is made if there is none."""
        digest = hashlib.sha256("\n".join(paths).encode()).hexdigest()[:20]
        name = f"{table.value}_{digest}"
        with self._lock:
            if name not in self._views:
                self._frame(table, paths).createOrReplaceTempView(name)
            self._views[name] = time.monotonic()
            self._drop_old()
        return name

    def _drop_old(self) -> None:
        old = time.monotonic() - self._keep_seconds
        for name in [name for name, used in self._views.items() if used < old]:
            self._spark.catalog.dropTempView(name)
            del self._views[name]

    def _frame(self, table: Table, paths: list[str]) -> Any:  # noqa: ANN401 - of two classes
        columns = {field.name: TYPES[field.type] for field in SCHEMAS[table]}
        if not paths:
            none = ", ".join(f"cast(null as {kind}) as `{name}`" for name, kind in columns.items())
            return self._spark.sql(f"select {none} where false")
        schema = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
        return self._spark.read.schema(schema).parquet(*map(self._place, paths))

    def _place(self, path: str) -> str:
        """Return where the cluster finds a file."""
        name = Path(path).relative_to(self._store.folder).as_posix()
        if self._lake:
            return f"{self._lake}/{name}"
        return self._store.location(name).replace("s3://", "s3a://", 1)


class SparkConnection:
    """The session that queries share, made when it is first needed and again when it is lost.

    Parameters
    ----------
    settings
        The address of the endpoint, and what `ClusterSession` needs.
    store
        Where the lake's files are.

    Raises
    ------
    BadQueryError
        If the address is empty, or the client of Spark is not installed.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        if not settings.spark:
            raise BadQueryError(
                "say where the cluster is: --spark sc://host:15002, or SPECTRALDB_SPARK"
            )
        self.address = settings.spark
        self._settings, self._store = settings, store
        self._lock = threading.Lock()
        self._session: ClusterSession | None = None
        _import()

    def session(self) -> ClusterSession:
        """Return the session, a new one if there is none."""
        with self._lock:
            if self._session is None:
                self._session = ClusterSession(self._made(), self._settings, self._store)
            return self._session

    def drop(self, session: ClusterSession) -> None:
        """Have the next query make a new session."""
        with self._lock:
            if self._session is session:
                self._session = None

    def close(self) -> None:
        """End the session."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _made(self) -> "SparkSession":
        from pyspark.sql.connect.client import DefaultChannelBuilder  # noqa: PLC0415 - an extra
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415 - as above
        from pyspark.sql.connect.session import SparkSession  # noqa: PLC0415 - as above

        channel = DefaultChannelBuilder(self.address)
        # Its own pause between tries to connect grows to two minutes, for new sessions too.
        channel.setChannelOption("grpc.max_reconnect_backoff_ms", RECONNECT_MS)
        session = SparkSession.builder.channelBuilder(channel).create()
        # Its own policy goes on for ten minutes, in which nobody learns what is wrong.
        policy = DefaultPolicy(
            max_retries=RETRIES, initial_backoff=100, backoff_multiplier=2.0, jitter=0
        )
        session.client.set_retry_policies([policy])
        return session


@contextlib.contextmanager
def spark_errors(connection: SparkConnection) -> Iterator[None]:
    """Tell what goes wrong on the cluster as an error of the lake.

    Raises
    ------
    LakeError
        In place of the errors of Spark's client.
    """
    import grpc  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        yield
    except (PySparkException, grpc.RpcError) as error:
        raise LakeError(
            f"the cluster at {connection.address} did not answer the search: {reason_of(error)}"
        ) from error


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
