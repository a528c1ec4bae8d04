"""Putting a lake in order, step by step; each step is whole, and begins where others ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from spectraldb.cancellation import NEVER, Cancellation, Cancelled
from spectraldb.engines.spark.sorted_copies import SortedCopies
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import GRACE_SECONDS, Lake
from spectraldb.lake.layout import OPTIMIZE_LOCK, segment_folder
from spectraldb.lake.table_files import TableFile
from spectraldb.maintenance.compaction import rewrite
from spectraldb.maintenance.merge_plan import groups
from spectraldb.maintenance.orphans import retained_products, suspects
from spectraldb.maintenance.parquet_reader import products_in, rows_of
from spectraldb.maintenance.progress import Progress, Report
from spectraldb.maintenance.sorted_copies import write_ordered
from spectraldb.maintenance.vacuum import clean
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.store import Segments
from spectraldb.segments.writer import write_segment


@dataclass
class Optimized:
    """What was done."""

    merged: int = 0
    """Files that were written anew, together with others or without rows that nothing sees."""
    dropped: int = 0
    """Rows that nothing could see."""
    segments: int = 0
    """Segments that were written."""
    ordered: int = 0
    """Copies of files in the order of wavelengths that were written."""
    freed: int = 0
    """Bytes."""
    stopped: bool = False


def optimize(
    lake: Lake,
    *,
    keep_days: float,
    grace: float = GRACE_SECONDS,
    sorting: duckdb.DuckDBPyConnection | None = None,
    report: Report = lambda _: None,
    cancel: Cancellation = NEVER,
) -> Optimized:
    """Put a lake in order, while others search it and ingest into it.

    Parameters
    ----------
    lake
        The lake.
    keep_days
        For how many days its versions can still be asked for after they were replaced.
    grace
        For how many seconds files are kept that searches may still read.
    sorting
        What puts pixels in the order of their wavelengths, for a copy of each file; if it is
        None, no copies are written.
    report
        Called as the work goes on.
    cancel
        Asked often whether to end; what is done by then stays done.

    Raises
    ------
    LakeError
        If it cannot be written, or another process is or comes to be putting it in order.
    """
    done = Optimized()
    with lake.store.exclusive(OPTIMIZE_LOCK) as lease:
        progress = Progress(report, cancel, lease)
        try:
            lake.compact_products(keep_days)
            for table in (Table.SPECTRUM, Table.PIXEL):
                _merge(lake, table, done, progress, grace)
            _write_segments(lake, done, progress)
            if sorting is not None:
                _write_ordered(lake, sorting, done, progress)
            lease.check()
            done.freed = clean(lake, grace)
        except Cancelled:
            done.stopped = True
    return done


def _merge(lake: Lake, table: Table, done: Optimized, progress: Progress, grace: float) -> None:
    files = lake.table_files(table)
    # Looked up after the files: products that come later have their rows in later files.
    plan = list(groups(files, _dead(lake, table, files, grace)))
    task = progress.task(f"merging {table.value}", sum(group.rows for group in plan))
    for group in plan:
        new = rewrite(lake.store, table, group, task)
        if table is Table.PIXEL:
            for file in new:
                done.segments += _write_segment(lake, group.product_type, file.path)
        lake.replace_files(table, group.files, new)
        done.merged += len(group.files)
        done.dropped += group.rows - sum(file.rows for file in new)


def _dead(
    lake: Lake, table: Table, files: list[TableFile], grace: float
) -> Callable[[TableFile], frozenset[int]]:
    """Return what tells the products of a file that no version has."""
    with lake_errors("read"):
        kept = retained_products(lake.store)
    suspected = {file.path for file in suspects(files, kept, table)}
    numbers = frozenset(kept["productId"].to_pylist())

    def dead(file: TableFile) -> frozenset[int]:
        # Those of a new file may be on the way.
        if file.path not in suspected or time.time() - file.added < grace:
            return frozenset()
        return _products(lake, table, file.path) - numbers

    return dead


def _products(lake: Lake, table: Table, path: str) -> frozenset[int]:
    with lake_errors("read"), lake.store.open_ranges(lake.folder / table.value / path) as file:
        return products_in(file)


def _write_segments(lake: Lake, done: Optimized, progress: Progress) -> None:
    """Write the segments of files that have none."""
    segments = Segments(lake.store)
    with lake_errors("read"):
        left = [file for file in lake.table_files(Table.PIXEL) if not segments.has(file.path)]
    task = progress.task("writing segments", sum(file.rows for file in left))
    for file in left:
        done.segments += _write_segment(lake, file.product_type, file.path)
        task.advance(file.rows)


def _write_ordered(
    lake: Lake,
    sorting: duckdb.DuckDBPyConnection,
    done: Optimized,
    progress: Progress,
) -> None:
    """Write the copies of files that have none."""
    ordered = SortedCopies(lake.store)
    with lake_errors("read"):
        left = [file for file in lake.table_files(Table.PIXEL) if not ordered.has(file.path)]
    task = progress.task("ordering by wavelength", sum(file.rows for file in left))
    for file in left:
        with lake_errors("read"), lake.store.temporary_copies([_path(lake, file.path)]) as (path,):
            write_ordered(lake.store, file.product_type, path, sorting, task)
        done.ordered += 1


def _write_segment(lake: Lake, product_type: str, path: str) -> bool:
    """Write the segment of a file; return whether that could be done."""
    folder = segment_folder(lake.folder, path)
    try:
        spectra = _spectra(lake, product_type, _products(lake, Table.PIXEL, path))
        with lake_errors(), lake.store.temporary_copies([_path(lake, path)]) as (file,):
            write_segment(lake.store, file, spectra, folder)
    except ValueError:
        # Rows of an ingest that was killed: searches read the file, until these are dropped.
        return False
    return True


def _spectra(lake: Lake, product_type: str, products: frozenset[int]) -> pa.Table:
    """Return the rows of SpectralCharacteristics of some products."""
    schema = SCHEMAS[Table.SPECTRUM]
    found = [schema.empty_table()]
    low, high = min(products), max(products)
    with lake_errors("read"):
        for held in lake.table_files(Table.SPECTRUM):
            if held.product_type == product_type and held.min_id <= high and held.max_id >= low:
                path = lake.folder / Table.SPECTRUM.value / held.path
                with lake.store.open_ranges(path) as file:
                    found += rows_of(file, products, schema)
    return pa.concat_tables(found)


def _path(lake: Lake, file: str) -> Path:
    return lake.folder / Table.PIXEL.value / file
