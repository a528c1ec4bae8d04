"""Matching of positions with the products or spectra around them."""

import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.cancellation import Cancellation
from spectraldb.counted import counted
from spectraldb.engines.duckdb import DuckDBEngine
from spectraldb.lake.snapshot import Snapshot
from spectraldb.query.match import Match
from spectraldb.results import SearchPage
from spectraldb.schema.arrow import ARROW_TYPES


def match_positions(
    match: Match, duckdb: DuckDBEngine, snapshot: Snapshot, cancel: Cancellation
) -> SearchPage:
    """Return the products around each position, or their spectra, sorted by separation.

    Raises
    ------
    LakeError, LimitError, StoppedError
        As in `DuckDBEngine.fetch`.
    """
    rows = duckdb.fetch(match.sql, snapshot, match.product_types, match.parameters, cancel)
    columns = match.columns
    schema = pa.schema([(name, ARROW_TYPES[c.dtype]) for name, c in columns.items()])
    rows = rows.select(list(columns)).cast(schema)
    matched = len(pc.unique(rows["row"]))
    found = (
        counted(len(rows), "spectrum", "spectra")
        if match.spectra
        else counted(len(rows), "product")
    )
    message = f"Found {found} at {matched:,} of {counted(len(match.ra), 'position')}."
    return SearchPage(
        make_sql=lambda: match.sql,
        rows=rows,
        columns=columns,
        version=snapshot.version,
        truncated=False,
        after=None,
        summary=message,
    )
