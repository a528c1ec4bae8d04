"""Answers of queries, from segments where the lake's files have them and from the files elsewhere.

A product's pixels lie in one file: what is told of products may be put together from the answers
of several parts of the lake.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from sqlglot import exp

from spectraldb.engines.duckdb import BATCH_ROWS, DuckDBEngine, run
from spectraldb.lake.lake import Snapshot
from spectraldb.lake.products import Products
from spectraldb.products.fitsfile import Array
from spectraldb.query.scope import Scope
from spectraldb.query.statement import Name, Statement, names_of
from spectraldb.serving.segment import Segment
from spectraldb.serving.segments import Segments
from spectraldb.serving.select import Selection, select
from spectraldb.serving.wide import WIDE, batch

FIRST_ROWS = 2**14
GROWTH = 4
"""An answer that may be cut short is looked for in so many pixels, then in more and more."""

_PLACE = "_place"


class SearchEngine:
    """Runs queries on versions of a lake.

    Parameters
    ----------
    engine
        What runs SQL.
    lake
        The folder of the lake.
    """

    def __init__(self, engine: DuckDBEngine, lake: Path) -> None:
        self._engine = engine
        self._segments = Segments(lake)

    def answers(
        self,
        sql: Statement,
        snapshot: Snapshot,
        scope: Scope,
        products: Products,
        *,
        in_order: bool = False,
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
            Whether the query's answer has pixels in the usual order: the first answer is then of
            the files without a segment, and each later one comes behind the one before it.

        Raises
        ------
        LakeError, LimitError
            As `DuckDBEngine.fetch`.
        """
        segments, rest = self._split(snapshot, scope.product_types)
        with self._engine.running() as cursor:
            if rest is not None:
                self._engine.see(cursor, rest, scope.product_types)
                yield cursor.sql(sql.text).to_arrow_table()
            elif in_order:
                yield pa.table({})
            selection = self._selection(cursor, segments, scope, products)
            batches = _batches(selection, scope, sql.names, products)
            text = sql.over(WIDE)
            if in_order:
                for some in _growing(batches):
                    yield run(cursor, text, {WIDE: pa.Table.from_batches(some)})
            elif (reader := _reader(batches)) is not None:
                yield run(cursor, text, {WIDE: reader})

    def stream(
        self, sql: Statement, snapshot: Snapshot, scope: Scope, products: Products
    ) -> Iterator[pa.RecordBatch]:
        """Yield the answer of a query in batches; closing the iterator ends the query.

        Raises
        ------
        LakeError, LimitError
            As `DuckDBEngine.fetch`; the time is that of the query and of whoever takes its
            batches.
        """
        segments, rest = self._split(snapshot, scope.product_types)
        with self._engine.running() as cursor:
            if rest is not None:
                # Two orders cannot be put together while they flow: the files hold everything.
                self._engine.see(cursor, snapshot, scope.product_types)
                yield from cursor.sql(sql.text).to_arrow_reader(BATCH_ROWS)
                return
            selection = self._selection(cursor, segments, scope, products)
            reader = _reader(_batches(selection, scope, sql.names, products))
            if reader is not None:
                cursor.register(WIDE, reader)
                text = sql.over(WIDE)
                yield from cursor.sql(text).to_arrow_reader(BATCH_ROWS)

    def _split(
        self, snapshot: Snapshot, product_types: frozenset[str]
    ) -> tuple[list[Segment], Snapshot | None]:
        """Return the segments of a version, and the version with the files that have none."""
        segments = []
        rest: dict[str, tuple[str, ...]] = {}
        for product_type in product_types:
            files = snapshot.pixels.get(product_type, ())
            found = {file: self._segments.of(file) for file in files}
            segments += [segment for segment in found.values() if segment is not None]
            rest[product_type] = tuple(file for file, s in found.items() if s is None)
        has_rest = any(rest.values())
        return segments, replace(snapshot, pixels=rest) if has_rest else None

    def _selection(
        self,
        cursor: DuckDBPyConnection,
        segments: Iterable[Segment],
        scope: Scope,
        products: Products,
    ) -> Selection:
        def which(rows: pa.Table, conditions: Sequence[exp.Expr], alias: str) -> Array:
            names = [name for each in conditions for _, name in names_of(each)]
            table = rows.select(list(dict.fromkeys(names)))
            table = table.append_column(_PLACE, pa.array(np.arange(len(rows))))
            sql = exp.select(_PLACE).from_(exp.alias_(exp.to_table("given"), alias, table=True))
            sql = sql.where(*conditions)
            found = run(cursor, sql.sql(dialect="duckdb"), {"given": table})
            fulfilled = np.zeros(len(rows), bool)
            fulfilled[found[_PLACE].to_numpy()] = True
            return fulfilled

        return select(segments, scope, products, which)


def _batches(
    selection: Selection, scope: Scope, names: list[Name], products: Products
) -> Iterator[pa.RecordBatch]:
    for part in selection.found(scope):
        for found in part:
            if len(found.rows):
                yield batch(found, names, products)


def _reader(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader | None:
    """Return batches as a stream; None if there are none."""
    first = next(batches, None)
    if first is None:
        return None

    def all_of_them() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    return pa.RecordBatchReader.from_batches(first.schema, all_of_them())


def _growing(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Yield batches some at a time, of more and more rows."""
    waiting: list[pa.RecordBatch] = []
    rows, size = 0, FIRST_ROWS
    for each in batches:
        waiting.append(each)
        rows += len(each)
        if rows >= size:
            yield waiting
            waiting, rows, size = [], 0, size * GROWTH
    if waiting:
        yield waiting
