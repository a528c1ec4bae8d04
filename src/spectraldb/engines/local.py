"""Searches in this process, on segments and on the Parquet files without a segment."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.base import OrderedPart, Part, PixelPlan, SearchContext, UnorderedPart
from spectraldb.engines.duckdb import BATCH_ROWS, DuckDBEngine
from spectraldb.engines.file_pruning import prune_files
from spectraldb.engines.segment_results import joined_reader, ordered_tables
from spectraldb.engines.views import tables_in
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.sql.statement import Statement
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.segments.batches import JOINED
from spectraldb.segments.reader import Segment
from spectraldb.segments.store import Segments
from spectraldb.storage.store import Store


@dataclass(frozen=True)
class PixelFiles:
    """The pixel files of a version, with and without a segment."""

    segments: list[Segment]
    rest: Snapshot | None
    """The version with only the files without a segment; None if all files have one."""


class LocalEngine:
    """Runs plans in this process; see `spectraldb.engines.base.Engine`.

    The engine is thread-safe: its only mutable state is the cache of open segments, which has a
    lock.

    Parameters
    ----------
    duckdb
        Runs the SQL; its owner closes it.
    store
        Where the files of the lake are.
    """

    def __init__(self, duckdb: DuckDBEngine, store: Store) -> None:
        self._duckdb = duckdb
        self._store = store
        self._segments = Segments(store)

    def search(self, plan: PixelPlan, context: SearchContext) -> Iterator[Part]:
        """Yield a result in parts, starting with the files without a segment."""
        with self._duckdb.running(context.cancel) as session:
            files = self._split(
                prune_files(context.snapshot, plan.pruning),
                plan.pruning.product_types,
                session.cancel,
            )
            if files.rest is not None:
                yield UnorderedPart(self._read_files(plan, files.rest, context.cancel))
            if plan.in_default_order and plan.limit is not None:
                for rows in ordered_tables(session, files.segments, plan, context):
                    yield OrderedPart(rows)
            elif (reader := joined_reader(session, files.segments, plan, context)) is not None:
                sql = plan.statement.over_join(JOINED)
                yield UnorderedPart(session.run(sql, {JOINED: reader}))

    def stream(self, plan: PixelPlan, context: SearchContext) -> Iterator[pa.RecordBatch]:
        """Yield a result in batches; closing the iterator stops the query.

        Raises
        ------
        LakeError, LimitError, StoppedError
            As in `DuckDBEngine.running`. The time limit includes the time that the consumer takes.
        """
        snapshot = prune_files(context.snapshot, plan.pruning)
        product_types = plan.pruning.product_types
        with self._duckdb.running(context.cancel) as session:
            files = self._split(snapshot, product_types, session.cancel)
            if files.rest is not None:
                # Two ordered streams cannot be merged, so read all rows from the Parquet files.
                tables = tables_in(plan.statement.text)
                self._duckdb.use_views(session, snapshot, product_types, tables)
                yield from session.stream(plan.statement.text, {})
            elif plan.in_default_order:
                for rows in ordered_tables(session, files.segments, plan, context):
                    yield from rows.to_batches(BATCH_ROWS)
            elif (reader := joined_reader(session, files.segments, plan, context)) is not None:
                yield from session.stream(plan.statement.over_join(JOINED), {JOINED: reader})

    def products(
        self, statement: Statement, product_types: frozenset[str], context: SearchContext
    ) -> pa.Table:
        """Return the result of SQL over products and spectra; raises the errors of `search`."""
        return self._duckdb.fetch(
            statement.text, context.snapshot, product_types, cancel=context.cancel
        )

    def warm(self, snapshot: Snapshot) -> None:
        """Open the segments of a version, and download the files without a segment."""
        rest = self._split(snapshot, PRODUCT_TYPES, NEVER).rest
        if rest is not None:
            with lake_errors("read"):
                self._store.localize(Path(file) for files in rest.pixels.values() for file in files)

    def check(self) -> None:
        """Do nothing, because the engine runs in this process."""

    def close(self) -> None:
        """Do nothing, because the owner of DuckDB closes it."""

    def _read_files(self, plan: PixelPlan, snapshot: Snapshot, cancel: Cancellation) -> pa.Table:
        types = plan.pruning.product_types
        return self._duckdb.fetch(plan.statement.text, snapshot, types, cancel=cancel)

    def _split(
        self, snapshot: Snapshot, product_types: frozenset[str], cancel: Cancellation
    ) -> PixelFiles:
        """Return the segments of a version, and the files without a segment."""
        segments: list[Segment] = []
        rest: dict[str, tuple[str, ...]] = {}
        for product_type in product_types:
            with lake_errors("read"):
                files = self._segments.of_files(snapshot.pixels.get(product_type, ()), cancel)
            segments += [segment for segment in files.values() if segment is not None]
            rest[product_type] = tuple(file for file, s in files.items() if s is None)
        has_rest = any(rest.values())
        return PixelFiles(segments, replace(snapshot, pixels=rest) if has_rest else None)
