"""Whole results as streams, which are read part by part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from spectraldb.query.sql.pixels import CompiledQuery, compile_size
from spectraldb.query.sql.statement import Statement
from spectraldb.results import TextSize


class RunStatement(Protocol):
    """Runs SQL on one part of a result."""

    def __call__(self, statement: Statement, *, in_default_order: bool) -> Iterator[pa.RecordBatch]:
        """Yield the rows; the first ones are available sooner in the default order."""


@dataclass(frozen=True)
class ResultPart:
    """A part of a result."""

    compiled: CompiledQuery
    run: RunStatement
    in_default_order: bool = False
    """Whether the rows of the part are in the default order."""


@dataclass(frozen=True)
class ResultStream:
    """A whole result, read part by part."""

    parts: Callable[[], Iterator[ResultPart]]
    limit: int | None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, up to the limit."""
        remaining = self.limit
        for part in self.parts():
            names = list(part.compiled.columns)
            statement = part.compiled.statement.select_only(names)
            for batch in part.run(statement, in_default_order=part.in_default_order):
                rows = batch.select(names)
                if remaining is None:
                    yield rows
                    continue
                yield rows.slice(0, remaining)
                remaining -= min(remaining, len(rows))
                if not remaining:
                    return

    def measure(self) -> tuple[int, dict[str, TextSize]]:
        """Return the number of rows, and the size of the texts in each text column."""
        count = 0
        sizes: dict[str, TextSize] = {}
        for part in self.parts():
            columns = part.compiled.columns.items()
            texts = [name for name, column in columns if column.dtype == "string"]
            sizes = dict.fromkeys(texts, TextSize()) | sizes  # also if nothing matches
            statement = compile_size(part.compiled, texts)
            for batch in part.run(statement, in_default_order=False):
                for row in batch.to_pylist():
                    count += row["rows"]
                    for i, name in enumerate(texts):
                        sizes[name] |= TextSize(row[f"w{i}"], is_ascii=row[f"u{i}"] == 0)
        return count if self.limit is None else min(count, self.limit), sizes
