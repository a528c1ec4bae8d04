"""SQL on the pixels of segments, joined with their spectra and products."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from sqlglot import exp

from spectraldb.arrays import Array
from spectraldb.engines.base import PixelPlan, SearchContext
from spectraldb.engines.duckdb import Session
from spectraldb.query.sql.statement import Statement, column_references
from spectraldb.segments.batches import JOINED, joined_batch
from spectraldb.segments.reader import Segment
from spectraldb.segments.scan import PixelScan, scan_segments

FIRST_ROWS, MAX_ROWS, GROWTH = 2**14, 2**20, 4
"""Rows in the first chunk of an ordered result, the maximum, and the factor between chunks."""

ROW_INDEX = "_place"
"""Column with the index of each row in the order of the result."""


@dataclass(frozen=True)
class JoinedPixels:
    """Pixels of a segment, joined with their spectra and products."""

    batch: pa.RecordBatch
    ranks: Array
    """Rank of the spectrum of each pixel in the order of the result, shape (rows,)."""


def ordered_tables(
    session: Session, segments: list[Segment], plan: PixelPlan, context: SearchContext
) -> Iterator[pa.Table]:
    """Yield the result of the plan on segments in chunks, in the default order."""
    statement = plan.statement.without_order(ROW_INDEX)
    scan = _scan(session, segments, plan, context)
    batches = _joined_batches(session, scan, statement, context)
    for pixels in _growing(batches):
        # DuckDB reads one batch three times as fast as many small ones.
        joined = pa.Table.from_batches([each.batch for each in pixels]).combine_chunks()
        index = _row_index(np.concatenate([each.ranks for each in pixels]))
        joined = joined.append_column(ROW_INDEX, pa.array(index))
        rows = session.run(statement.over_join(JOINED), {JOINED: joined.to_reader()})
        yield _sort_by_index(rows)


def joined_reader(
    session: Session, segments: list[Segment], plan: PixelPlan, context: SearchContext
) -> pa.RecordBatchReader | None:
    """Return all pixels of segments that can match, unordered; None if there are none."""
    scan = _scan(session, segments, plan, context)
    batches = _joined_batches(session, scan, plan.statement, context)
    return _reader(each.batch for pixels in batches for each in pixels)


def _scan(
    session: Session, segments: Iterable[Segment], plan: PixelPlan, context: SearchContext
) -> PixelScan:
    def evaluate(rows: pa.Table, conditions: Sequence[exp.Expr], alias: str) -> Array:
        names = [name for each in conditions for _, name in column_references(each)]
        table = rows.select(list(dict.fromkeys(names)))
        table = table.append_column(ROW_INDEX, pa.array(np.arange(len(rows))))
        sql = exp.select(ROW_INDEX).from_(exp.alias_(exp.to_table("given"), alias, table=True))
        sql = sql.where(*conditions)
        matching = session.run(sql.sql(dialect="duckdb"), {"given": table})
        mask = np.zeros(len(rows), bool)
        mask[matching[ROW_INDEX].to_numpy()] = True
        return mask

    return scan_segments(segments, plan.pruning, context.catalogue.table, evaluate)


def _row_index(ranks: Array) -> Array:
    """Return the index of each pixel in the result from the ranks of the spectra, shape (rows,)."""
    order = np.argsort(ranks, kind="stable")
    index = np.empty(len(ranks), np.int64)
    index[order] = np.arange(len(ranks))
    return index


def _sort_by_index(rows: pa.Table) -> pa.Table:
    """Sort rows by their index, because DuckDB can return them out of order."""
    index = rows[ROW_INDEX].to_numpy()
    rows = rows.drop_columns([ROW_INDEX])
    if np.all(index[1:] > index[:-1]):
        return rows
    return rows.take(pa.array(np.argsort(index)))


def _joined_batches(
    session: Session,
    scan: PixelScan,
    statement: Statement,
    context: SearchContext,
) -> Iterator[list[JoinedPixels]]:
    """Yield the pixels of several spectra at a time, in one batch per segment."""
    names = statement.column_references
    for chunk in scan.chunks():
        session.cancel.check()
        yield [
            JoinedPixels(joined_batch(pixels, names, context.catalogue.table), pixels.ranks)
            for pixels in chunk
            if len(pixels.rows)
        ]


def _reader(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader | None:
    """Return batches as a record batch reader; None if there are none."""
    first = next(batches, None)
    if first is None:
        return None
    return pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))


def _growing(parts: Iterable[list[JoinedPixels]]) -> Iterator[list[JoinedPixels]]:
    """Merge parts into chunks with a growing number of rows."""
    pending: list[JoinedPixels] = []
    rows, size = 0, FIRST_ROWS
    for part in parts:
        pending += part
        rows += sum(len(pixels.batch) for pixels in part)
        if rows >= size:
            yield pending
            pending, rows, size = [], 0, min(size * GROWTH, MAX_ROWS)
    if pending:
        yield pending
