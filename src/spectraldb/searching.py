"""Searching: from a compiled query to a page of its answer, or to all of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from spectraldb.engines.duckdb import DuckDBEngine
from spectraldb.formats.answers import SearchAnswer
from spectraldb.lake.lake import Snapshot
from spectraldb.query import cursor
from spectraldb.query.compile import Compiled, compile_size
from spectraldb.query.query import Cursor, Query


def one_page(
    query: Query, compiled: Compiled, rows: pa.Table, version: int, note: str
) -> SearchAnswer:
    """Return a page of a search from rows of which there is one more than its limit, if any."""
    limit = len(rows) if query.limit is None else query.limit
    truncated = len(rows) > limit
    page = rows.slice(0, limit)
    after = None
    if truncated:
        last = page.slice(limit - 1).to_pylist()[0]
        place = tuple(last[f"_{i}"] for i in range(compiled.place))
        after = cursor.encode(Cursor(version, place))
    noun = ("product" if query.group else "pixel") + ("" if len(page) == 1 else "s")
    count = f"{len(page):,} {noun}"
    if query.after is not None:
        message = f"The next {count}"
    else:
        message = f"The first {count}" if truncated else f"Found {count}"
    return SearchAnswer(
        sql=compiled.text(),
        rows=page.select(list(compiled.columns)),
        columns=compiled.columns,
        version=version,
        truncated=truncated,
        after=after,
        message=(f"{message}; more follow" if truncated else message) + note,
    )


@dataclass(frozen=True)
class WholeAnswer:
    """All that matches, asked for in parts one after the other."""

    engine: DuckDBEngine
    query: Query
    parts: list[Compiled]
    snapshot: Snapshot

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the answer's rows, no more than its limit."""
        left = self.query.limit
        for part in self.parts:
            names = list(part.columns)
            for batch in self.engine.stream(part.text(), self.snapshot, self.query.product_types):
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
        texts = [name for name, c in self.parts[0].columns.items() if c.dtype == "string"]
        count, widths = 0, dict.fromkeys(texts, 0)
        for part in self.parts:
            sql = compile_size(part, texts).sql(dialect="duckdb")
            found = self.engine.fetch(sql, self.snapshot, self.query.product_types).to_pylist()[0]
            count += found["rows"]
            widths = {name: max(widths[name], found[f"w{i}"]) for i, name in enumerate(texts)}
        return count if self.query.limit is None else min(count, self.query.limit), widths
