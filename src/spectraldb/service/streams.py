"""Whole results as streams, which are read part by part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from spectraldb.results import TextSize
from spectraldb.schema.column import Column


@dataclass(frozen=True)
class ResultPart:
    """A part of a result."""

    columns: dict[str, Column]
    rows: Callable[[], Iterator[pa.RecordBatch]]
    """Iterate over the rows, whose first columns are `columns`."""
    size: Callable[[], Iterator[pa.RecordBatch]]
    """Iterate over the one row of `compile_size`."""


@dataclass(frozen=True)
class ResultStream:
    """A whole result, read part by part."""

    parts: Callable[[], Iterator[ResultPart]]
    limit: int | None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, up to the limit."""
        remaining = self.limit
        for part in self.parts():
            for batch in part.rows():
                rows = batch.select(list(part.columns))
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
            texts = [name for name, column in part.columns.items() if column.dtype == "string"]
            sizes = dict.fromkeys(texts, TextSize()) | sizes  # also if nothing matches
            for batch in part.size():
                for row in batch.to_pylist():
                    count += row["rows"]
                    for i, name in enumerate(texts):
                        sizes[name] |= TextSize(row[f"w{i}"], is_ascii=row[f"u{i}"] == 0)
        return count if self.limit is None else min(count, self.limit), sizes
