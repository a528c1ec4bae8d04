"""Retrieved arrays as a table with a row for each pixel, streamed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.errors import BadQueryError
from spectraldb.products.array_column import ArrayColumn
from spectraldb.results import ArraysResult, TableStream, TextSize, text_size
from spectraldb.schema.arrow import ARROW_TYPES
from spectraldb.schema.column import Column, DType
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

BATCH_ROWS = 100_000

_DTYPES: dict[str, DType] = {
    "float": "float",
    "float32": "float32",
    "bool": "bool",
    "string": "string",
    "int": "int",
    "int8": "int",
    "int16": "int",
    "int32": "int",
    "uint8": "int",
    "uint16": "int",
    "long": "long",
    "int64": "long",
    "uint32": "long",
    "uint64": "long",
}
"""The column type for each type of array; integers are widened, so values do not change."""


@dataclass(frozen=True)
class _Source:
    """A column of the table: an array, and the pixel axes that correspond to its own."""

    column: ArrayColumn
    axes: tuple[int, ...]


def pixel_table(answer: ArraysResult) -> TableStream:
    """Return arrays as a table.

    Rows of images and cubes begin with the indices of the pixel, which are those of the file also
    in a cut-out. Arrays without a value for each pixel are omitted.

    Raises
    ------
    BadQueryError
        If the images have different shapes.
    """
    if any(column.ragged for column in answer.columns):
        raise BadQueryError(
            f"format: {answer.file_name} has several slits, which do not fit one table. Retrieve a "
            "row of a slit, for example with spectrum=0, or use JSON."
        )
    rows = _Rows(answer)
    described: dict[str, Column] = {name: _index_column(name) for name in rows.index}
    described |= {s.column.name: _described(s.column) for s in rows.sources}
    return TableStream(
        sql="",
        columns=described,
        version=None,
        units={},
        batches=lambda: rows.batches(described),
        measure=rows.measure,
        name="PIXELS",
    )


def _index_column(name: str) -> Column:
    known = by_name()[name]
    return Column(name, Table.ARRAY, "int", known.description, ucd=known.ucd)


def _described(column: ArrayColumn) -> Column:
    known = by_name().get(column.name)
    return Column(
        column.name,
        Table.ARRAY,
        _DTYPES[column.dtype],
        column.description,
        column.unit,
        known.ucd if known else "",
    )


class _Rows:
    """The pixels of an answer in order."""

    def __init__(self, answer: ArraysResult) -> None:
        shapes = [c.shape for c in answer.columns if len(c.shape) <= max(1, len(answer.index))]
        self.shape = max(shapes, key=lambda s: (len(s), prod(s)))
        several = len(self.shape) > 1 and len(self.shape) == len(answer.index)
        self.index = dict(answer.index) if several else {}
        names = list(answer.index) or ["x"]
        self._dispersion = names.index(answer.dispersion) if answer.dispersion in names else 0
        found = ((c, self._axes(c.shape)) for c in answer.columns)
        self.sources = [_Source(c, axes) for c, axes in found if axes is not None]

    def _axes(self, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the pixel axes that an array has; None if its shape does not fit."""
        n = len(self.shape)
        if shape == self.shape:
            return tuple(range(n))
        if len(shape) == 2 and shape == self.shape[-2:]:
            return n - 2, n - 1
        if shape == (1,):
            return ()
        along = min(self._dispersion, n - 1)
        return (along,) if shape == (self.shape[along],) else None

    def batches(self, described: dict[str, Column]) -> Iterator[pa.RecordBatch]:
        step = max(1, BATCH_ROWS // max(1, prod(self.shape[1:])))
        parts = [self._parts(source, step) for source in self.sources]
        types = [ARROW_TYPES[column.dtype] for column in described.values()]
        for start in range(0, self.shape[0], step):
            stop = min(start + step, self.shape[0])
            arrays = [
                self._spread(values, (axis,), start, stop)
                for axis, values in enumerate(self.index.values())
            ]
            arrays += [
                self._spread(next(part), source.axes, start, stop)
                for part, source in zip(parts, self.sources, strict=True)
            ]
            values = [_arrow(a, t) for a, t in zip(arrays, types, strict=True)]
            yield pa.RecordBatch.from_arrays(values, list(described))

    def _parts(self, source: _Source, step: int) -> Iterator[Array]:
        """Yield an array for each batch: its rows, or the full array if it does not vary by row."""
        if source.axes[:1] == (0,) and len(source.axes) == len(self.shape):
            yield from _in_steps(source.column.chunks(), step)
            return
        whole = source.column.read()
        while True:
            yield whole

    def _spread(self, values: Array, axes: Sequence[int], start: int, stop: int) -> Array:
        """Return the value of each pixel of a batch, broadcast from an array with fewer axes."""
        shape = (stop - start, *self.shape[1:])
        if len(axes) == len(shape) and len(axes) > 0 and values.shape == shape:
            return values.ravel()
        if axes[:1] == (0,):
            values = values[start:stop]
        sides = [shape[axis] if axis in axes else 1 for axis in range(len(shape))]
        return np.broadcast_to(values.reshape(sides), shape).ravel()

    def measure(self) -> tuple[int, dict[str, TextSize]]:
        texts = (s.column for s in self.sources if s.column.dtype == "string")
        return prod(self.shape), {c.name: text_size(map(str, c.read())) for c in texts}


def _in_steps(chunks: Iterator[Array], step: int) -> Iterator[Array]:
    """Yield chunks of length `step`, from chunks of any length."""
    held: list[Array] = []
    length = 0
    for chunk in chunks:
        held.append(chunk)
        length += len(chunk)
        while length >= step:
            whole = np.concatenate(held) if len(held) > 1 else held[0]
            yield whole[:step]
            held, length = [whole[step:]], length - step
    if length:
        yield np.concatenate(held) if len(held) > 1 else held[0]


def _arrow(values: Array, kind: pa.DataType) -> pa.Array:
    if values.dtype == object:
        return pa.array(values.tolist(), kind)
    return pa.array(
        values.astype(str) if values.dtype.kind in "US" else values, from_pandas=False
    ).cast(kind)
