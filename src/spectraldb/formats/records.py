"""Rows as fixed-width big-endian records, as FITS and VOTable have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.results import TableStream, TextSize
from spectraldb.schema.column import Column

NO_INT = np.iinfo("i4").min
NO_LONG = np.iinfo("i8").min

_TYPES = {"float": ">f8", "float32": ">f4", "int": ">i4", "long": ">i8", "bool": "S1"}
_MISSING = {
    "float": float("nan"),
    "float32": float("nan"),
    "int": NO_INT,
    "long": NO_LONG,
    "bool": None,
}


class Encoding(Protocol):
    """How a format writes texts."""

    def width(self, size: TextSize) -> int:
        """Return the bytes of a column with texts of this size, at least 1."""

    def encode(self, text: str, size: TextSize) -> bytes:
        """Return a text of a column with texts of this size, in at most `width` bytes."""


@dataclass(frozen=True)
class Records:
    """A result as records: their layout, and the records in batches."""

    answer: TableStream
    encoding: Encoding

    @cached_property
    def size(self) -> tuple[int, dict[str, TextSize]]:
        """The number of rows, and the size of the texts of each text column."""
        return self.answer.measure()

    def texts(self, name: str) -> TextSize:
        """Return the size of the texts of a column."""
        return self.size[1][name]

    def width(self, name: str) -> int:
        """Return the bytes of a text column."""
        return self.encoding.width(self.texts(name))

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The type of a record."""
        return np.dtype([(n, self._type(n, c)) for n, c in self.answer.columns.items()])

    def _type(self, name: str, column: Column) -> str:
        return _TYPES.get(column.dtype) or f"S{self.width(name)}"

    def batches(self) -> Iterator[tuple[Array, Array]]:
        """Yield records, and a mask of missing values with shape (rows, columns)."""
        for batch in self.answer.batches():
            records = np.zeros(len(batch), self.dtype)
            missing = np.zeros((len(batch), len(self.answer.columns)), bool)
            for i, (name, column) in enumerate(self.answer.columns.items()):
                values = batch.column(name)
                missing[:, i] = values.is_null().to_numpy(zero_copy_only=False)
                records[name] = self._plain(values, name, column)
            yield records, missing

    def _plain(self, values: pa.Array, name: str, column: Column) -> Array:
        if column.dtype != "string":
            return _plain(values, column)
        # A few texts repeat in many rows, so encode each only once.
        texts = values.fill_null("").dictionary_encode()
        size = self.texts(name)
        encoded = [self.encoding.encode(text, size) for text in texts.dictionary.to_pylist()]
        return np.asarray(np.array(encoded or [b""])[texts.indices.to_numpy(zero_copy_only=False)])


def _plain(values: pa.Array, column: Column) -> Array:
    if column.dtype == "bool":
        texts = pc.if_else(values, "T", "F").fill_null("")
        return np.asarray(texts.to_pylist(), "S1")
    filled = values.fill_null(_MISSING[column.dtype])
    return np.asarray(filled.to_numpy(zero_copy_only=False))
