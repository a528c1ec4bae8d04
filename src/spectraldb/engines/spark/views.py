"""Views over the files of the lake in a session on a cluster."""

import hashlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectraldb.errors import ClusterError
from spectraldb.schema.arrow import SCHEMAS, SPARK_TYPES
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings
from spectraldb.storage.store import Store

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

VIEW_SECONDS = 600.0
"""A view is dropped if unused for this long, and for twice the time limit of a search."""

CHECK_SECONDS = 10.0
"""Interval between checks that the cluster finds all files of a view."""


@dataclass
class _View:
    used: float
    checked: float
    """Time of the last check that the cluster finds all files."""


class ClusterViews:
    """The views of a session, each over some files of a table.

    The class is thread-safe: a lock guards the views.

    Parameters
    ----------
    spark
        The session of Spark's client.
    settings
        The path of the lake on the cluster, and the time limit of a search.
    store
        Where the files of the lake are.
    """

    def __init__(self, spark: "SparkSession", settings: Settings, store: Store) -> None:
        self._spark = spark
        self._lake = settings.spark_lake.rstrip("/")
        self._store = store
        self._keep_seconds = max(VIEW_SECONDS, 2 * settings.time_limit)
        self._views: dict[str, _View] = {}
        self._lock = threading.Lock()

    def view(self, table: Table, paths: list[str]) -> str:
        """Return the name of a view over files of a table; create it if necessary.

        Raises
        ------
        ClusterError
            If the cluster does not find exactly these files.
        """
        digest = hashlib.sha256("\n".join(paths).encode()).hexdigest()[:20]
        name = f"{table.value}_{digest}"
        now = time.monotonic()
        with self._lock:
            view = self._views.get(name)
            if view is not None:
                view.used = now
        # Requests to the cluster are made without the lock: a hanging one must not block others.
        if view is None or now - view.checked >= CHECK_SECONDS:
            frame = self._frame(table, paths)
            self._check(frame, paths)
            if view is None:
                frame.createOrReplaceTempView(name)
            with self._lock:
                self._views[name] = _View(now, now)
        self._drop_old(now)
        return name

    def _check(self, frame: Any, paths: list[str]) -> None:  # noqa: ANN401 - of two classes
        """Raise ClusterError if the cluster finds other files; Sail ignores missing ones."""
        visible = set(frame.inputFiles()) if paths else ()
        if len(visible) != len(paths):
            raise ClusterError(
                f"The cluster can read {len(visible):,} of {len(paths):,} files "
                f"of the lake at {Path(self._cluster_path(paths[0])).parent}. "
                "Mount the lake there, or set SPECTRALDB_SPARK_LAKE to its path "
                "on the cluster."
            )

    def _drop_old(self, now: float) -> None:
        with self._lock:
            old = [name for name, v in self._views.items() if v.used < now - self._keep_seconds]
            for name in old:
                del self._views[name]
        for name in old:
            self._spark.catalog.dropTempView(name)

    def _frame(self, table: Table, paths: list[str]) -> Any:  # noqa: ANN401 - of two classes
        columns = {field.name: SPARK_TYPES[field.type] for field in SCHEMAS[table]}
        if not paths:
            nulls = ", ".join(f"cast(null as {kind}) as `{name}`" for name, kind in columns.items())
            return self._spark.sql(f"select {nulls} where false")
        schema = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
        return self._spark.read.schema(schema).parquet(*map(self._cluster_path, paths))

    def _cluster_path(self, path: str) -> str:
        """Return the path of a file on the cluster."""
        name = Path(path).relative_to(self._store.folder).as_posix()
        if self._lake:
            return f"{self._lake}/{name}"
        return self._store.location(name).replace("s3://", "s3a://", 1)
