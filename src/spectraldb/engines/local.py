"""Answers of queries, from segments where the lake's files have them and from the files elsewhere.

A product's pixels lie in one file: what is told of products may be put together from the answers
of several parts of the lake.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlglot import exp

from spectraldb.arrays import Array
from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.duckdb import BATCH_ROWS, DuckDBEngine, Session
from spectraldb.engines.file_pruning import narrowed
from spectraldb.engines.views import tables_in
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.lake import Snapshot
from spectraldb.lake.product_columns import Products
from spectraldb.query.pruning import Scope
from spectraldb.query.sql.statement import Name, Statement, names_of
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.segments.batches import WIDE, batch
from spectraldb.segments.reader import Segment
from spectraldb.segments.scan import Selection, select
from spectraldb.segments.store import Segments
from spectraldb.storage.store import Store

FIRST_ROWS, MOST_ROWS, GROWTH = 2**14, 2**20, 4
"""An answer that may be cut short is looked for in so many pixels, then in more and more."""

_PLACE = "_place"

Wide = tuple[pa.RecordBatch, Array]
"""Pixels with what their spectra and products have, and the turns of their spectra."""


class SearchEngine:
    """Runs queries on versions of a lake, in this process; see `spectraldb.engines.base`.

    Parameters
    ----------
    engine
        What runs SQL.
    store
        Where the lake's files are.
    """

    def __init__(self, engine: DuckDBEngine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._segments = Segments(store)

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
        """Yield the answer of each of some parts of the lake.

        In the usual order the first is of the files without a segment.
        """
        with self._engine.running(cancel) as session:
            segments, rest = self._split(
                narrowed(snapshot, scope), scope.product_types, session.cancel
            )
            if rest is not None:
                yield self._engine.fetch(sql.text, rest, scope.product_types, cancel=cancel)
            elif in_order:
                yield pa.table({})
            if in_order:
                yield from _ordered(session, segments, sql, scope, products)
            elif (reader := _all(session, segments, sql, scope, products)) is not None:
                yield session.run(sql.over(WIDE), {WIDE: reader})

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

        Raises
        ------
        LakeError, LimitError, StoppedError
            As `DuckDBEngine.running`; the time is that of the query and of whoever takes its
            batches.
        """
        snapshot = narrowed(snapshot, scope)
        with self._engine.running(cancel) as session:
            segments, rest = self._split(snapshot, scope.product_types, session.cancel)
            if rest is not None:
                # Two orders cannot be put together while they flow: the files hold everything.
                tables = tables_in(sql.text)
                self._engine.see(session, snapshot, scope.product_types, tables)
                yield from session.stream(sql.text, {})
            elif in_order:
                for table in _ordered(session, segments, sql, scope, products):
                    yield from table.to_batches(BATCH_ROWS)
            elif (reader := _all(session, segments, sql, scope, products)) is not None:
                yield from session.stream(sql.over(WIDE), {WIDE: reader})

    def rows(
        self,
        sql: Statement,
        snapshot: Snapshot,
        product_types: frozenset[str],
        cancel: Cancellation = NEVER,
    ) -> pa.Table:
        """Return the answer of a query over products and spectra; raises as `answers`."""
        return self._engine.fetch(sql.text, snapshot, product_types, cancel=cancel)

    def warm(self, snapshot: Snapshot) -> None:
        """Open the segments of a version, and bring the files that have none."""
        _, rest = self._split(snapshot, PRODUCT_TYPES, NEVER)
        if rest is not None:
            with lake_errors("read"):
                self._store.localize(Path(file) for some in rest.pixels.values() for file in some)

    def check(self) -> None:
        """Do nothing: it runs in this process."""

    def close(self) -> None:
        """Do nothing: what runs SQL is its owner's."""

    def _split(
        self, snapshot: Snapshot, product_types: frozenset[str], cancel: Cancellation
    ) -> tuple[list[Segment], Snapshot | None]:
        """Return the segments of a version, and the version with the files that have none."""
        segments = []
        rest: dict[str, tuple[str, ...]] = {}
        for product_type in product_types:
            with lake_errors("read"):
                found = self._segments.several(snapshot.pixels.get(product_type, ()), cancel)
            segments += [segment for segment in found.values() if segment is not None]
            rest[product_type] = tuple(file for file, s in found.items() if s is None)
        has_rest = any(rest.values())
        return segments, replace(snapshot, pixels=rest) if has_rest else None


def _ordered(
    session: Session, segments: list[Segment], sql: Statement, scope: Scope, products: Products
) -> Iterator[pa.Table]:
    """Yield the answers of parts of segments, each behind the one before it."""
    sql = sql.as_they_come(_PLACE)
    selection = _selection(session, segments, scope, products)
    for some in _growing(_batches(session, selection, scope, sql.names, products)):
        # In one batch, which takes a third of the time of many.
        wide = pa.Table.from_batches([wide for wide, _ in some]).combine_chunks()
        places = _places(np.concatenate([turns for _, turns in some]))
        wide = wide.append_column(_PLACE, pa.array(places))
        yield _in_order(session.run(sql.over(WIDE), {WIDE: wide.to_reader()}))


def _all(
    session: Session, segments: list[Segment], sql: Statement, scope: Scope, products: Products
) -> pa.RecordBatchReader | None:
    """Return all pixels of segments that can match, in no order; None if there are none."""
    selection = _selection(session, segments, scope, products)
    return _reader(_batches(session, selection, scope, sql.names, products))


def _selection(
    session: Session, segments: Iterable[Segment], scope: Scope, products: Products
) -> Selection:
    def which(rows: pa.Table, conditions: Sequence[exp.Expr], alias: str) -> Array:
        names = [name for each in conditions for _, name in names_of(each)]
        table = rows.select(list(dict.fromkeys(names)))
        table = table.append_column(_PLACE, pa.array(np.arange(len(rows))))
        sql = exp.select(_PLACE).from_(exp.alias_(exp.to_table("given"), alias, table=True))
        sql = sql.where(*conditions)
        found = session.run(sql.sql(dialect="duckdb"), {"given": table})
        fulfilled = np.zeros(len(rows), bool)
        fulfilled[found[_PLACE].to_numpy()] = True
        return fulfilled

    return select(segments, scope, products, which)


def _places(turns: Array) -> Array:
    """Return the place of each pixel in the answer, from the turn of its spectrum."""
    order = np.argsort(turns, kind="stable")
    places = np.empty(len(turns), np.int64)
    places[order] = np.arange(len(turns))
    return places


def _in_order(rows: pa.Table) -> pa.Table:
    """Return rows in the order of their places: DuckDB may hand on small pieces late."""
    places = rows[_PLACE].to_numpy()
    rows = rows.drop_columns([_PLACE])
    if np.all(places[1:] > places[:-1]):
        return rows
    return rows.take(pa.array(np.argsort(places)))


def _batches(
    session: Session, selection: Selection, scope: Scope, names: list[Name], products: Products
) -> Iterator[list[Wide]]:
    """Yield pixels, some spectra at a time; these in batches of a segment each."""
    for part in selection.found(scope):
        session.cancel.check()
        yield [(batch(f, names, products), f.turns) for f in part if len(f.rows)]


def _reader(parts: Iterable[list[Wide]]) -> pa.RecordBatchReader | None:
    """Return batches as a stream; None if there are none."""
    batches = (wide for part in parts for wide, _ in part)
    first = next(batches, None)
    if first is None:
        return None
    return pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))


def _growing(parts: Iterable[list[Wide]]) -> Iterator[list[Wide]]:
    """Yield the batches of some parts at a time, of more and more rows."""
    waiting: list[Wide] = []
    rows, size = 0, FIRST_ROWS
    for part in parts:
        waiting += part
        rows += sum(len(wide) for wide, _ in part)
        if rows >= size:
            yield waiting
            waiting, rows, size = [], 0, min(size * GROWTH, MOST_ROWS)
    if waiting:
        yield waiting
