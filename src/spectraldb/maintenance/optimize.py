"""Optimization of a lake, in steps after each of which it can be interrupted."""

from dataclasses import dataclass

import duckdb

from spectraldb.cancellation import NEVER, Cancellation, Cancelled
from spectraldb.engines.spark.sorted_copies import SortedCopies
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import GRACE_SECONDS, Lake
from spectraldb.lake.layout import OPTIMIZE_LOCK
from spectraldb.lake.table_files import TableFile
from spectraldb.maintenance.compaction import compact
from spectraldb.maintenance.merge_plan import plan_merges
from spectraldb.maintenance.orphans import OrphanFinder
from spectraldb.maintenance.progress import Progress, Report
from spectraldb.maintenance.segments import write_segment_of
from spectraldb.maintenance.sorted_copies import write_sorted_copy
from spectraldb.maintenance.vacuum import vacuum
from spectraldb.schema.tables import Table
from spectraldb.segments.store import Segments


@dataclass
class OptimizeResult:
    """Statistics of an optimization."""

    merged_files: int = 0
    """Number of files that were merged, or rewritten without orphans."""
    dropped_rows: int = 0
    """Number of rows of orphans that were dropped."""
    segments: int = 0
    """Number of segments written."""
    sorted_copies: int = 0
    """Number of sorted copies written."""
    freed_bytes: int = 0
    """Total size of the deleted files, in bytes."""
    stopped: bool = False
    """Whether it was cancelled before it was complete."""


def optimize(
    lake: Lake,
    *,
    keep_days: float,
    grace: float = GRACE_SECONDS,
    sorting: duckdb.DuckDBPyConnection | None = None,
    report: Report = lambda _: None,
    cancel: Cancellation = NEVER,
) -> OptimizeResult:
    """Optimize a lake, while other threads and processes search it and ingest into it.

    Parameters
    ----------
    lake
        The lake.
    keep_days
        Number of days for which a version remains available after it was replaced.
    grace
        Number of seconds for which replaced files are kept, as searches may still read them.
    sorting
        Connection for sorting pixels by wavelength; None to write no sorted copies.
    report
        Called with each step of progress.
    cancel
        Cancellation token.  Completed steps are kept.

    Raises
    ------
    LakeError
        If the lake cannot be written, or another process is optimizing it or takes over.
    """
    result = OptimizeResult()
    with lake.store.exclusive(OPTIMIZE_LOCK) as lease:
        optimization = _Optimization(lake, Progress(report, cancel, lease), grace, result)
        try:
            lake.compact_products(keep_days)
            for table in (Table.SPECTRUM, Table.PIXEL):
                optimization.compact_table(table)
            optimization.write_segments()
            if sorting is not None:
                optimization.write_sorted_copies(sorting)
            lease.check()
            result.freed_bytes = vacuum(lake, grace)
        except Cancelled:
            result.stopped = True
    return result


@dataclass(frozen=True)
class _Optimization:
    """The steps of an optimization, each of which skips what an earlier run completed."""

    lake: Lake
    progress: Progress
    grace: float
    result: OptimizeResult

    def compact_table(self, table: Table) -> None:
        """Merge small files of a table, and drop orphans."""
        files = self.lake.table_files(table)
        orphans = OrphanFinder.of(self.lake, table, files, self.grace)
        groups = list(plan_merges(files, orphans.in_file))
        task = self.progress.task(f"Merging {table.value}", sum(group.rows for group in groups))
        for group in groups:
            new = compact(self.lake.store, table, group, task)
            if table is Table.PIXEL:
                for file in new:
                    self._write_segment(group.product_type, file.path)
            self.lake.replace_files(table, group.files, new)
            self.result.merged_files += len(group.files)
            self.result.dropped_rows += group.rows - sum(file.rows for file in new)

    def write_segments(self) -> None:
        """Write the missing segments."""
        segments = Segments(self.lake.store)
        with lake_errors("read"):
            files = [file for file in self._pixel_files() if not segments.has(file.path)]
        task = self.progress.task("Writing segments", sum(file.rows for file in files))
        for file in files:
            self._write_segment(file.product_type, file.path)
            task.advance(file.rows)

    def write_sorted_copies(self, sorting: duckdb.DuckDBPyConnection) -> None:
        """Write the missing sorted copies."""
        copies = SortedCopies(self.lake.store)
        with lake_errors("read"):
            files = [file for file in self._pixel_files() if not copies.has(file.path)]
        task = self.progress.task("Sorting by wavelength", sum(file.rows for file in files))
        store = self.lake.store
        for file in files:
            path = self.lake.folder / Table.PIXEL.value / file.path
            with lake_errors("read"), store.temporary_copies([path]) as (local,):
                write_sorted_copy(store, file.product_type, local, sorting, task)
            self.result.sorted_copies += 1

    def _write_segment(self, product_type: str, path: str) -> None:
        self.result.segments += write_segment_of(self.lake, product_type, path)

    def _pixel_files(self) -> list[TableFile]:
        return self.lake.table_files(Table.PIXEL)
