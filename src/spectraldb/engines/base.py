"""What an engine is: it runs queries on versions of a lake.  Which one does, the settings say."""

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.duckdb import DuckDBEngine
from spectraldb.engines.local import SearchEngine
from spectraldb.engines.spark.engine import SparkEngine
from spectraldb.lake.lake import Snapshot
from spectraldb.lake.product_columns import Products
from spectraldb.query.pruning import Scope
from spectraldb.query.sql.statement import Statement
from spectraldb.settings import Settings
from spectraldb.storage.store import Store


class Engine(Protocol):
    """Runs queries.  Methods raise LakeError, LimitError and StoppedError."""

    def answers(
        self,
        sql: Statement,
        snapshot: Snapshot,
        scope: Scope,
        products: Products,
        *,
        in_order: bool = False,
        cancel: Cancellation = NEVER,
    ) -> Iterator[pa.Table]:
        """Yield the answer of each of some parts of the lake; together they are the answer.

        Parameters
        ----------
        sql
            A query over the three tables.
        snapshot, products
            The version of the lake, and its products.
        scope
            Where the query looks.
        in_order
            Whether the query's answer has pixels in the usual order: each answer after the first
            comes behind the one before it then; these may have more rows than the query's limit.
        cancel
            Cancellation token.
        """

    def stream(
        self,
        sql: Statement,
        snapshot: Snapshot,
        scope: Scope,
        products: Products,
        *,
        in_order: bool,
        cancel: Cancellation = NEVER,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the answer of a query in batches; closing the iterator ends the query.

        Parameters are those of `answers`.
        """

    def rows(
        self,
        sql: Statement,
        snapshot: Snapshot,
        product_types: frozenset[str],
        cancel: Cancellation = NEVER,
    ) -> pa.Table:
        """Return the answer of a query over products and spectra."""

    def warm(self, snapshot: Snapshot) -> None:
        """Have what searches of a version read; raises LakeError."""

    def check(self) -> None:
        """Raise LakeError if it cannot run queries now."""

    def close(self) -> None:
        """Give back what the engine holds."""


def open_engine(settings: Settings, store: Store, embedded: DuckDBEngine) -> Engine:
    """Return the engine of the settings; `embedded` runs SQL in this process."""
    if settings.engine == "spark":
        return SparkEngine(settings, store)
    return SearchEngine(embedded, store)
