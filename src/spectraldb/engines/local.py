"""Searches in this process, on segments and on the Parquet files without a segment."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.base import (
    OrderedPart,
    Output,
    Part,
    PixelPlan,
    SearchContext,
    UnorderedPart,
)
from spectraldb.engines.duckdb import BATCH_ROWS, DuckDBEngine
from spectraldb.engines.file_pruning import prune_files
from spectraldb.engines.limits import limited
from spectraldb.engines.segments.counts import count_pixels
from spectraldb.engines.segments.groups import grouped_products
from spectraldb.engines.segments.rankings import best_rows
from spectraldb.engines.segments.rows import ordered_rows
from spectraldb.engines.segments.sizes import measure_tables
from spectraldb.engines.segments.sorting import sorted_rows, unsorted_rows
from spectraldb.engines.views import tables_in
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.sql.statement import Statement
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.segments.reader import Segment
from spectraldb.segments.scan import PixelScan
from spectraldb.segments.spectra import SpectrumTables
from spectraldb.segments.store import Segments
from spectraldb.storage.store import Store

MAX_RANKED = 100_000
"""Longest result whose rows are ranked in memory; DuckDB sorts longer ones."""


@dataclass(frozen=True)
class PixelFiles:
    """The pixel files of a version, with and without a segment."""

    segments: list[Segment]
    rest: Snapshot | None
    """The version with only the files without a segment; None if all files have one."""


class LocalEngine:
    """Runs plans in this process; see `spectraldb.engines.base.Engine`.

    The engine is thread-safe: its only mutable state are the caches of open segments and of their
    spectra, which have locks.

    Parameters
    ----------
    duckdb
        Runs the SQL; its owner closes it.
    store
        Where the files of the lake are.
    time_limit
        Time limit of a search in seconds.
    """

    def __init__(self, duckdb: DuckDBEngine, store: Store, time_limit: float) -> None:
        self._duckdb = duckdb
        self._time_limit = time_limit
        self._store = store
        self._segments = Segments(store)
        self._spectra = SpectrumTables()

    def search(self, plan: PixelPlan, context: SearchContext) -> Iterator[Part]:
        """Yield a result in parts, starting with the files without a segment."""
        cancel = limited(context.cancel, self._time_limit)
        files = self._split(plan, context.snapshot, cancel)
        if files.rest is not None:
            yield UnorderedPart(self._read_files(plan, files.rest, context.cancel))
        if not files.segments:
            return
        scan = self._scan(plan, context, files.segments)
        if plan.output is Output.ROWS and plan.query.in_default_order:
            yield from map(OrderedPart, ordered_rows(plan, scan, cancel))
        else:
            yield from map(UnorderedPart, self._tables(plan, scan, cancel))

    def stream(self, plan: PixelPlan, context: SearchContext) -> Iterator[pa.RecordBatch]:
        """Yield a result in batches; closing the iterator stops the query.

        Raises
        ------
        LakeError, LimitError, StoppedError
            As in `DuckDBEngine.running`. The time limit includes the time that the consumer takes.
        """
        cancel = limited(context.cancel, self._time_limit)
        files = self._split(plan, context.snapshot, cancel)
        if files.rest is not None:
            # Two ordered streams cannot be merged, so read all rows from the Parquet files.
            yield from self._stream_files(plan, context)
        elif files.segments:
            scan = self._scan(plan, context, files.segments)
            for rows in self._tables(plan, scan, cancel):
                yield from rows.to_batches(BATCH_ROWS)

    def _tables(self, plan: PixelPlan, scan: PixelScan, cancel: Cancellation) -> Iterator[pa.Table]:
        """Yield the result of a plan on segments in its order."""
        if plan.output is Output.COUNT:
            yield count_pixels(scan, cancel)
        elif plan.output is Output.SIZE:
            yield measure_tables(_all_rows(plan, scan, cancel), plan.compiled.texts)
        elif plan.query.in_default_order or plan.query.group:
            yield from _all_rows(plan, scan, cancel)
        elif plan.query.limit is not None and plan.query.limit <= MAX_RANKED:
            yield best_rows(plan, scan, plan.query.limit, cancel)
        else:
            with self._duckdb.running(cancel) as session:
                for batch in sorted_rows(plan, scan, session):
                    yield pa.Table.from_batches([batch])

    def _scan(self, plan: PixelPlan, context: SearchContext, segments: list[Segment]) -> PixelScan:
        spectra = self._spectra.of(segments, context.catalogue.table)
        return PixelScan(spectra, plan.query, plan.pruning, plan.units)

    def _stream_files(self, plan: PixelPlan, context: SearchContext) -> Iterator[pa.RecordBatch]:
        snapshot = prune_files(context.snapshot, plan.pruning)
        text = plan.statement.text
        with self._duckdb.running(context.cancel) as session:
            types = plan.pruning.product_types
            self._duckdb.use_views(session, snapshot, types, tables_in(text))
            yield from session.stream(text, {})

    def products(
        self, statement: Statement, product_types: frozenset[str], context: SearchContext
    ) -> pa.Table:
        """Return the result of SQL over products and spectra; raises the errors of `search`."""
        return self._duckdb.fetch(
            statement.text, context.snapshot, product_types, cancel=context.cancel
        )

    def warm(self, snapshot: Snapshot) -> None:
        """Open the segments of a version, and download the files without a segment."""
        rest = self._files(snapshot, PRODUCT_TYPES, NEVER).rest
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

    def _split(self, plan: PixelPlan, snapshot: Snapshot, cancel: Cancellation) -> PixelFiles:
        """Return the segments that a plan reads, and the files without a segment.

        Segments that are open already are included even if they have no matching pixels, so that
        different searches share one table of spectra.
        """
        types = plan.pruning.product_types
        files = self._files(prune_files(snapshot, plan.pruning), types, cancel)
        more = [
            segment
            for product_type in sorted(types)
            for segment in self._segments.opened(snapshot.pixels.get(product_type, ())).values()
        ]
        is_open = set(map(id, more))
        complete = all(id(segment) in is_open for segment in files.segments)
        return replace(files, segments=more) if complete else files

    def _files(
        self, snapshot: Snapshot, product_types: frozenset[str], cancel: Cancellation
    ) -> PixelFiles:
        """Return the segments of a version, and the files without a segment."""
        segments: list[Segment] = []
        rest: dict[str, tuple[str, ...]] = {}
        for product_type in sorted(product_types):
            with lake_errors("read"):
                files = self._segments.of_files(snapshot.pixels.get(product_type, ()), cancel)
            segments += [segment for segment in files.values() if segment is not None]
            rest[product_type] = tuple(file for file, s in files.items() if s is None)
        has_rest = any(rest.values())
        return PixelFiles(segments, replace(snapshot, pixels=rest) if has_rest else None)


def _all_rows(plan: PixelPlan, scan: PixelScan, cancel: Cancellation) -> Iterator[pa.Table]:
    """Yield the rows of a result, sorted unless the plan sorts pixels."""
    if plan.query.group:
        yield grouped_products(plan, scan, cancel)
    elif plan.query.in_default_order:
        yield from ordered_rows(plan, scan, cancel)
    else:
        yield from unsorted_rows(plan, scan, cancel)
