"""Cutting, masking and selection of array columns."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.boxes import Box
from spectraldb.errors import BadQueryError
from spectraldb.fits.image import ImageHdu
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis

CHUNK_BYTES = 2**20


def cut_image(
    column: ArrayColumn, hdu: ImageHdu, box: Box, shape: tuple[int, ...], dropped: frozenset[Axis]
) -> ArrayColumn:
    """Cut an image extension to a box, if its last axes match those of the product.

    Parameters
    ----------
    column
        The whole image, which is returned unchanged if its axes do not match.
    hdu
        The extension of the image; only the required rows are read.
    box
        The ranges of indices.
    shape
        The shape of the product's arrays.
    dropped
        Axes of length one to drop from the result.
    """
    n = next((n for n in (len(shape), 2) if hdu.shape[-n:] == shape[-n:]), 0)
    if not n:
        return column
    outer = [range(length) for length in hdu.shape[:-n]]
    ranges = [*outer, *list(box.values())[-n:]]
    first, *inner = ranges
    size = hdu.dtype.itemsize * int(np.prod([len(each) for each in ranges]))
    step = max(1, CHUNK_BYTES * len(first) // max(1, size))

    def chunks() -> Iterator[Array]:
        for start in range(first.start, first.stop, step):
            yield hdu.read_box([range(start, min(start + step, first.stop)), *inner])

    cut = replace(column, shape=tuple(map(len, ranges)), chunks=chunks)
    return drop_axes(cut, box, dropped)


def cut_array(column: ArrayColumn, *ranges: range) -> ArrayColumn:
    """Cut a column along its axes; the whole array is read."""
    slices = tuple(slice(each.start, each.stop) for each in ranges)
    shape = tuple(map(len, ranges))
    return replace(column, shape=shape, chunks=lambda: iter([column.read()[slices]]))


def drop_axes(column: ArrayColumn, box: Box, dropped: frozenset[Axis]) -> ArrayColumn:
    """Drop axes of length one from a column that is cut to a box."""
    names: list[Axis] = list(box)[-len(column.shape) :]
    n_outer = len(column.shape) - len(names)
    axes = tuple(n_outer + i for i, name in enumerate(names) if name in dropped)
    if not axes:
        return column
    shape = tuple(n for i, n in enumerate(column.shape) if i not in axes) or (1,)
    return replace(column, shape=shape, chunks=lambda: _squeezed(column, axes, shape))


def _squeezed(
    column: ArrayColumn, axes: tuple[int, ...], shape: tuple[int, ...]
) -> Iterator[Array]:
    if 0 in axes:
        yield column.read().reshape(shape)
        return
    for chunk in column.chunks():
        yield chunk.squeeze(axis=axes)


def masked_column(column: ArrayColumn, mask: Array) -> ArrayColumn:
    """Return the pixels of a 1-D column that a mask of shape (pixels,) selects."""

    def chunks() -> Iterator[Array]:
        start = 0
        for chunk in column.chunks():
            yield chunk[mask[start : start + len(chunk)]]
            start += len(chunk)

    return replace(column, shape=(int(np.count_nonzero(mask)),), chunks=chunks)


def distinct_names(columns: list[ArrayColumn]) -> list[ArrayColumn]:
    """Rename duplicate columns: a second `fluxErr` becomes `fluxErr2`."""
    seen: set[str] = set()
    distinct = []
    for column in columns:
        name, number = column.name, 1
        while name in seen:
            number += 1
            name = f"{column.name}{number}"
        seen.add(name)
        distinct.append(replace(column, name=name))
    return distinct


def select_columns(columns: list[ArrayColumn], names: tuple[str, ...]) -> list[ArrayColumn]:
    """Return the columns with these names, in this order; all columns if there are no names.

    Raises
    ------
    BadQueryError
        If there is no column with one of the names.
    """
    if not names:
        return columns
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in by_name:
            raise BadQueryError(
                f"columns: There is no array {name!r}. Arrays: {', '.join(by_name)}."
            )
    return [by_name[name] for name in names]
