"""Searches on a cluster with Spark Connect."""

from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.base import Part, PixelPlan, SearchContext, UnorderedPart
from spectraldb.engines.file_pruning import prune_files
from spectraldb.engines.spark.run import ClusterRun
from spectraldb.engines.spark.session import SparkConnection
from spectraldb.engines.spark.sorted_copies import SortedCopies
from spectraldb.engines.views import table_files, tables_in
from spectraldb.errors import ClusterError, LimitError
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.pruning import Pruning
from spectraldb.query.sql.statement import Statement
from spectraldb.settings import Settings
from spectraldb.storage.store import Store

CHECK_SECONDS = 10.0
"""Time within which a cluster has to respond to a check."""

SELECT_ONE = Statement(exp.select(exp.Literal.number(1)))


class SparkEngine:
    """Runs plans on a cluster; see `spectraldb.engines.base.Engine`.

    The cluster itself reads the Parquet files of the lake, but only the files that can contain
    matching rows.  The engine is thread-safe: the connection and the sorted copies have locks.

    Parameters
    ----------
    settings
        The address of the cluster, and the time limit.
    store
        Where the files of the lake are; the cluster must have access to them.

    Raises
    ------
    BadQueryError
        As in `SparkConnection`.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._time_limit = settings.time_limit
        self._sorted_copies = SortedCopies(store)
        self._connection = SparkConnection(settings, store)

    def search(self, plan: PixelPlan, context: SearchContext) -> Iterator[Part]:
        """Yield the result as one part."""
        tables = self._run_plan(plan, context)
        yield UnorderedPart(pa.concat_tables(tables).combine_chunks())

    def stream(self, plan: PixelPlan, context: SearchContext) -> Iterator[pa.RecordBatch]:
        """Yield the result in batches, as the cluster returns them."""
        for table in self._run_plan(plan, context):
            yield from table.to_batches()

    def products(
        self, statement: Statement, product_types: frozenset[str], context: SearchContext
    ) -> pa.Table:
        """Return the result of SQL over products and spectra."""
        tables = self._run(statement, context.snapshot, product_types, context.cancel)
        return pa.concat_tables(tables).combine_chunks()

    def warm(self, snapshot: Snapshot) -> None:
        """Do nothing, because the cluster reads the lake itself."""

    def check(self) -> None:
        """Raise ClusterError if the cluster does not respond."""
        try:
            list(ClusterRun(self._connection, SELECT_ONE, {}).tables(CHECK_SECONDS, NEVER))
        except LimitError as error:
            raise ClusterError(
                f"The cluster did not respond within {CHECK_SECONDS:g} s."
            ) from error

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def _run_plan(self, plan: PixelPlan, context: SearchContext) -> Iterator[pa.Table]:
        snapshot = self._prune(context.snapshot, plan.pruning)
        return self._run(plan.statement, snapshot, plan.pruning.product_types, context.cancel)

    def _prune(self, snapshot: Snapshot, pruning: Pruning) -> Snapshot:
        """Return a version with only the files to read, or their sorted copies."""
        with lake_errors("read"):
            return self._sorted_copies.substitute(prune_files(snapshot, pruning), pruning)

    def _run(
        self,
        statement: Statement,
        snapshot: Snapshot,
        product_types: frozenset[str],
        cancel: Cancellation,
    ) -> Iterator[pa.Table]:
        files = table_files(snapshot, product_types, tables_in(statement.text))
        return ClusterRun(self._connection, statement, files).tables(self._time_limit, cancel)
