"""Minima and maxima of the columns of Parquet files, from the log of a Delta table."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spectraldb.arrays import Array
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table

NUMERIC = [field.name for field in SCHEMAS[Table.PIXEL] if not pa.types.is_boolean(field.type)]

Bounds = tuple[float, float]
"""The lower and upper bound of a closed interval."""

FilePredicate = Callable[[str], bool]
"""Returns whether a search has to read the file at a path."""


@dataclass(frozen=True)
class FileStatistics:
    """The minima and maxima of the numeric columns of all pixel files."""

    index: Mapping[str, int] = field(default_factory=dict)
    """Index of each file in the arrays, by file name."""
    low: Mapping[str, Array] = field(default_factory=dict)
    """Minima by column, shape (files,); minus infinity where unknown."""
    high: Mapping[str, Array] = field(default_factory=dict)
    """Maxima by column, shape (files,); infinity where unknown."""

    @classmethod
    def of(cls, actions: pa.Table) -> "FileStatistics":
        """Return the statistics in the flattened add actions of a Delta table."""
        names = (_file_name(unquote(path)) for path in actions["path"].to_pylist())
        return cls(
            {name: index for index, name in enumerate(names)},
            {name: _extrema(actions, f"min.{name}", -np.inf) for name in NUMERIC},
            {name: _extrema(actions, f"max.{name}", np.inf) for name in NUMERIC},
        )

    def with_files(self, actions: pa.Table) -> "FileStatistics":
        """Return the statistics with those of more files."""
        added = FileStatistics.of(actions)
        n = len(self.index)
        return FileStatistics(
            {**self.index, **{name: n + index for name, index in added.index.items()}},
            {name: np.concatenate([low, added.low[name]]) for name, low in self.low.items()},
            {name: np.concatenate([high, added.high[name]]) for name, high in self.high.items()},
        )

    def overlapping(self, filters: Iterable[tuple[str, Sequence[Bounds]]]) -> FilePredicate:
        """Return a predicate for files that can contain pixels that pass all filters.

        It is true for unknown files.

        Parameters
        ----------
        filters
            Pairs of a column and intervals, one of which must contain the value.  A column may
            occur several times.
        """
        overlaps = np.ones(len(self.index), bool)
        for name, intervals in filters:
            low, high = self.low[name], self.high[name]
            each = [(high >= begin) & (low <= end) for begin, end in intervals]
            overlaps &= np.any(each, axis=0) if each else np.zeros(len(overlaps), bool)
        return self._predicate(overlaps)

    def exceeding(self, name: str, intervals: Sequence[Bounds]) -> FilePredicate:
        """Return a predicate for files whose values may not all be within a single interval.

        It is true for unknown files.
        """
        low, high = self.low[name], self.high[name]
        each = [(low >= begin) & (high <= end) for begin, end in intervals]
        return self._predicate(~np.any(each, axis=0) if each else np.ones(len(low), bool))

    def _predicate(self, mask: Array) -> FilePredicate:
        flags: list[bool] = mask.tolist()

        def predicate(file: str) -> bool:
            index = self.index.get(_file_name(file))
            return index is None or flags[index]

        return predicate


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _extrema(actions: pa.Table, name: str, unknown: float) -> Array:
    if name not in actions.column_names:
        return np.full(len(actions), unknown)
    values = pc.fill_null(actions[name].cast(pa.float64(), safe=False), unknown)
    # Widened by one step, because the cast rounds long integers, which could exclude a file.
    widened: Array = np.nextafter(values.to_numpy(), unknown)
    return widened


def delta_statistics(metadata: pq.FileMetaData) -> str:
    """Return the statistics of a Parquet file in the JSON format of the Delta protocol.

    They are the number of rows, and the minima, maxima and null counts of the columns.
    """
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    nulls: dict[str, int] = defaultdict(int)
    unknown: set[str] = set()
    for name, statistics in _column_chunks(metadata):
        if statistics is None:
            unknown.add(name)
            continue
        nulls[name] += statistics.null_count or 0
        if statistics.has_min_max:
            low[name] = min(low.get(name, statistics.min), statistics.min)
            high[name] = max(high.get(name, statistics.max), statistics.max)
    return json.dumps(
        {
            "numRecords": metadata.num_rows,
            "minValues": {k: v for k, v in low.items() if _is_valid(v) and k not in unknown},
            "maxValues": {k: v for k, v in high.items() if _is_valid(v) and k not in unknown},
            "nullCount": {k: v for k, v in nulls.items() if k not in unknown},
        }
    )


def _column_chunks(metadata: pq.FileMetaData) -> Iterable[tuple[str, pq.Statistics | None]]:
    for group in range(metadata.num_row_groups):
        for i in range(metadata.num_columns):
            column = metadata.row_group(group).column(i)
            yield column.path_in_schema, column.statistics


def _is_valid(value: object) -> bool:
    """Return whether the statistics of Delta can contain a value."""
    if isinstance(value, bool | bytes):
        return False
    return not isinstance(value, float) or math.isfinite(value)
