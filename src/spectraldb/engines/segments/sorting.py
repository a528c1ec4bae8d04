"""Whole results in any order, which DuckDB sorts because they can exceed the memory."""

from collections.abc import Iterator

import pyarrow as pa

from spectraldb.cancellation import Cancellation
from spectraldb.engines.base import PixelPlan
from spectraldb.engines.duckdb import Session
from spectraldb.engines.segments.chunks import row_chunks
from spectraldb.engines.segments.columns import pixel_table, schema_of
from spectraldb.engines.segments.keys import after_mask
from spectraldb.engines.segments.rows import KEY_COLUMNS
from spectraldb.schema.column import Column
from spectraldb.segments.scan import PixelScan

MATCHES = "matches"
"""Name of the table that DuckDB sorts."""


def sorted_rows(plan: PixelPlan, scan: PixelScan, session: Session) -> pa.RecordBatchReader:
    """Return all rows in the order of the query, as a stream."""
    schema = schema_of(columns_with_keys(plan))
    tables = unsorted_rows(plan, scan, session.cancel)
    batches = (batch for table in tables for batch in table.to_batches())
    reader = pa.RecordBatchReader.from_batches(schema, batches)
    return session.stream(_sql(plan), {MATCHES: reader})


def unsorted_rows(plan: PixelPlan, scan: PixelScan, cancel: Cancellation) -> Iterator[pa.Table]:
    """Yield all rows with their sort keys."""
    columns = columns_with_keys(plan)
    after = plan.query.after
    for chunk in row_chunks(scan.chunks()):
        cancel.check()
        rows = pixel_table([scan.pixels(each) for each in chunk], columns, scan.spectra)
        if after is not None:
            rows = rows.filter(after_mask(rows, plan.compiled.descending, after.keys))
        yield rows


def columns_with_keys(plan: PixelPlan) -> dict[str, Column]:
    """Return the columns of the rows, with the sort keys ``_0, _1, ...`` as the last ones."""
    keys = [key.column for key in plan.query.sort] + list(KEY_COLUMNS)
    return plan.compiled.columns | {f"_{i}": column for i, column in enumerate(keys)}


def _sql(plan: PixelPlan) -> str:
    names = [*plan.compiled.columns]
    if plan.with_keys:
        names = [*columns_with_keys(plan)]
    keys = (
        f"_{i} {'desc' if descending else 'asc'} nulls last"
        for i, descending in enumerate(plan.compiled.descending)
    )
    selected = ", ".join(f'"{name}"' for name in names)
    sql = f"select {selected} from {MATCHES} order by {', '.join(keys)}"  # noqa: S608 - known names
    return sql if plan.query.limit is None else f"{sql} limit {plan.query.limit + 1}"
