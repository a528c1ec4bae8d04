"""Searching: from a compiled query to a page of its answer, or to all of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.base import Engine
from spectraldb.lake.lake import Snapshot
from spectraldb.lake.product_columns import Products
from spectraldb.query import paging as cursor
from spectraldb.query.model import Cursor, Query
from spectraldb.query.pruning import scope_of
from spectraldb.query.sql.expressions import Units
from spectraldb.query.sql.pixels import Compiled, compile_count, compile_query, compile_size
from spectraldb.query.sql.statement import Statement
from spectraldb.results import SearchPage
from spectraldb.schema.arrow import ARROW_TYPES


@dataclass(frozen=True)
class Searched:
    """What a search runs on: a version of the lake, its products and their units."""

    engine: Engine
    snapshot: Snapshot
    products: Products
    units: Units
    cancel: Cancellation = NEVER
    """Tells to end the search."""

    def page(self, query: Query) -> tuple[Compiled, pa.Table]:
        """Return a compiled query and its answer, with a row more than its limit if it has one."""
        compiled = compile_query(query, self.units)
        in_order = query.in_usual_order and query.limit is not None
        answers = self.engine.answers(
            compiled.sql,
            self.snapshot,
            scope_of(query, self.units),
            self.products,
            in_order=in_order,
            cancel=self.cancel,
        )
        tables, found = [], 0
        for number, table in enumerate(answers):
            tables.append(table)
            # Pixels of the first answer may come behind those of all others.
            found += len(table) if number else 0
            if in_order and query.limit is not None and found > query.limit:
                break
        return compiled, merged(tables, compiled, query.limit)

    def count(self, query: Query) -> tuple[Statement, int, int]:
        """Return the SQL that counts, and how many pixels match, of how many products."""
        sql = compile_count(query, self.units)
        scope = scope_of(query, self.units)
        answers = self.engine.answers(sql, self.snapshot, scope, self.products, cancel=self.cancel)
        counts = [table.to_pylist()[0] for table in answers]
        return sql, sum(c["pixels"] for c in counts), sum(c["products"] for c in counts)

    def part(self, query: Query) -> "Part":
        """Return the part of a long answer that a query asks for."""
        scope = scope_of(query, self.units)

        def stream(sql: Statement, in_order: bool) -> Iterator[pa.RecordBatch]:
            return self.engine.stream(
                sql, self.snapshot, scope, self.products, in_order=in_order, cancel=self.cancel
            )

        return Part(compile_query(query, self.units), stream, query.in_usual_order)


def merged(tables: Iterable[pa.Table], compiled: Compiled, limit: int | None) -> pa.Table:
    """Return the answer of a query from those of parts of the lake, in its order."""
    some = [table for table in tables if len(table)]
    if not some:
        return pa.schema(
            [(name, ARROW_TYPES[column.dtype]) for name, column in compiled.columns.items()]
        ).empty_table()
    end = None if limit is None else limit + 1
    if len(some) == 1:
        return some[0].slice(0, end)
    table = pa.concat_tables(some)
    keys = [
        (f"_{i}", "descending" if down else "ascending")
        for i, down in enumerate(compiled.descending)
    ]
    order = pc.sort_indices(table, sort_keys=keys)  # null comes last
    return table.take(order.slice(0, end))


def one_page(
    query: Query, compiled: Compiled, rows: pa.Table, version: int, note: str
) -> SearchPage:
    """Return a page of a search from rows of which there is one more than its limit, if any."""
    limit = len(rows) if query.limit is None else query.limit
    truncated = len(rows) > limit
    page = rows.slice(0, limit)
    after = None
    if truncated:
        last = page.slice(limit - 1).to_pylist()[0]
        place = tuple(last[f"_{i}"] for i in range(len(compiled.descending)))
        after = cursor.encode(Cursor(version, place))
    noun = ("product" if query.group else "pixel") + ("" if len(page) == 1 else "s")
    count = f"{len(page):,} {noun}"
    if query.after is not None:
        message = f"The next {count}"
    else:
        message = f"The first {count}" if truncated else f"Found {count}"
    return SearchPage(
        sql=compiled.sql.text,
        rows=page.select(list(compiled.columns)),
        columns=compiled.columns,
        version=version,
        truncated=truncated,
        after=after,
        message=(f"{message}; more follow" if truncated else message) + note,
    )


@dataclass(frozen=True)
class Part:
    """A part of a long answer."""

    compiled: Compiled
    stream: Callable[[Statement, bool], Iterator[pa.RecordBatch]]
    """Runs SQL where the part's query runs; told whether its rows come in the usual order."""
    in_order: bool = False
    """Whether those of the part's own query do."""


@dataclass(frozen=True)
class WholeAnswer:
    """All that matches, asked for in parts one after the other."""

    parts: Callable[[], Iterator[Part]]
    limit: int | None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the answer's rows, no more than its limit."""
        left = self.limit
        for part in self.parts():
            names = list(part.compiled.columns)
            for batch in part.stream(part.compiled.sql.only(names), part.in_order):
                rows = batch.select(names)
                if left is None:
                    yield rows
                    continue
                yield rows.slice(0, left)
                left -= min(left, len(rows))
                if not left:
                    return

    def measure(self) -> tuple[int, dict[str, int]]:
        """Return how many rows there are, and the bytes of the longest text of each text column."""
        count = 0
        widths: dict[str, int] = {}
        for part in self.parts():
            texts = [name for name, c in part.compiled.columns.items() if c.dtype == "string"]
            widths = dict.fromkeys(texts, 0) | widths  # where nothing matches, no row tells
            for batch in part.stream(compile_size(part.compiled, texts), False):  # noqa: FBT003
                for row in batch.to_pylist():
                    count += row["rows"]
                    for i, name in enumerate(texts):
                        widths[name] = max(widths.get(name, 0), row[f"w{i}"])
        return count if self.limit is None else min(count, self.limit), widths
