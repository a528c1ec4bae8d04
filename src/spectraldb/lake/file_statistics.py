"""What the files of pixels can hold, by the statistics in the lake's log: which a search reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table

NUMBERS = [field.name for field in SCHEMAS[Table.PIXEL] if not pa.types.is_boolean(field.type)]

Span = tuple[float, float]


@dataclass(frozen=True)
class FileRanges:
    """The lowest and the highest value of each number of pixels, file by file."""

    rows: Mapping[str, int] = field(default_factory=dict)
    """The place of each file in what follows, by its name."""
    low: Mapping[str, Array] = field(default_factory=dict)
    """By column, shape (files,); minus infinity where it is not known."""
    high: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, actions: pa.Table) -> "FileRanges":
        """Return the ranges that the add actions of a table tell, flattened as Delta does."""
        names = (_name(unquote(path)) for path in actions["path"].to_pylist())
        return cls(
            {name: place for place, name in enumerate(names)},
            {name: _numbers(actions, f"min.{name}", -np.inf) for name in NUMBERS},
            {name: _numbers(actions, f"max.{name}", np.inf) for name in NUMBERS},
        )

    def choosing(self, spans: Iterable[tuple[str, Sequence[Span]]]) -> Callable[[str], bool]:
        """Return what tells whether a file can hold pixels with every number in one of its spans.

        A column may come more than once: its number is in one span of each.

        A file that is not known can.
        """
        can = np.ones(len(self.rows), bool)
        for name, some in spans:
            low, high = self.low[name], self.high[name]
            inside = [(high >= begin) & (low <= end) for begin, end in some]
            can &= np.any(inside, axis=0) if inside else np.zeros(len(can), bool)
        return self._telling(can)

    def exceeding(self, name: str, spans: Sequence[Span]) -> Callable[[str], bool]:
        """Return what tells whether a file can hold numbers outside each of some spans.

        A file that is not known can.
        """
        low, high = self.low[name], self.high[name]
        inside = [(low >= begin) & (high <= end) for begin, end in spans]
        return self._telling(~np.any(inside, axis=0) if inside else np.ones(len(low), bool))

    def _telling(self, flags: Array) -> Callable[[str], bool]:
        """Return what tells the flag of a file by its name; true for one that is not known."""
        known: list[bool] = flags.tolist()

        def told(file: str) -> bool:
            place = self.rows.get(_name(file))
            return place is None or known[place]

        return told


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _numbers(actions: pa.Table, name: str, unknown: float) -> Array:
    if name not in actions.column_names:
        return np.full(len(actions), unknown)
    values = pc.fill_null(actions[name].cast(pa.float64(), safe=False), unknown)
    # A step wider: long whole numbers are rounded, and no file may be passed over for that.
    wider: Array = np.nextafter(values.to_numpy(), unknown)
    return wider
