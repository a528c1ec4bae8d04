"""Which part of a product is wanted, and what a product's arrays are cut and collapsed by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.fits.file import Hdu
from spectraldb.products.model import ArrayColumn, Axis, dtype_name
from spectraldb.sky import Cone

CHUNK_BYTES = 2**20

Box = dict[Axis, range]
"""The indices along each axis of an image or a cube, slowest axis first."""

Index = dict[Axis, Array]
"""The file's index of each pixel along the axes that an image or a cube still has; of pixels that
were put together the first."""


@dataclass(frozen=True)
class Binning:
    """How pixels are put together: sizes along axes, None for all; `sum` rather than the mean."""

    sizes: Mapping[str, int | None]
    """By axis: x, y, z or wavelength, which is the dispersion of the product."""
    total: bool = False


@dataclass(frozen=True)
class Cutout:
    """A part of a product; what is not said is whole."""

    spectrum: int | None = None
    ranges: Mapping[Axis, tuple[int, int]] = field(default_factory=dict)
    """First and last index along an axis."""
    wavelength: tuple[float, float] | None = None
    """Lowest and highest wavelength, in micron."""
    cone: Cone | None = None
    columns: tuple[str, ...] = ()
    """Names of the arrays wanted; all if none is named."""
    binning: Binning | None = None

    @property
    def cuts(self) -> bool:
        """Whether pixels are left out or put together, but for those of other spectra."""
        return bool(self.ranges or self.wavelength or self.cone or self.binning)

    def along(self, axis: Axis, length: int) -> range:
        """Return the indices wanted along an axis of so many pixels.

        Raises
        ------
        BadQueryError
            If they are not all on it.
        """
        first, last = self.ranges.get(axis, (0, length - 1))
        if last >= length:
            raise BadQueryError(
                f"{axis}: from 0 to {length - 1} in this product, not {first},{last}"
            )
        return range(first, last + 1)


WHOLE = Cutout()


@dataclass(frozen=True)
class Part:
    """The arrays of a part of a product, and where it lies."""

    columns: list[ArrayColumn]
    spectra: list[dict[str, object]]
    box: Box
    """The indices along each axis; empty where nothing was cut."""
    index: Index = field(default_factory=dict)


def within(axis: range, wanted: Array, what: str) -> range:
    """Return the smallest part of an axis that holds all that is wanted of it.

    Raises
    ------
    NotHeldError
        If nothing is; `what` tells what was looked for.
    """
    found = np.flatnonzero(wanted[axis.start : axis.stop])
    if not found.size:
        raise NotHeldError(f"no pixel of that part of the product has {what}")
    return range(axis.start + int(found[0]), axis.start + int(found[-1]) + 1)


def between(wavelength: Array, limits: tuple[float, float]) -> Array:
    """Return which wavelengths lie in a range, its ends included."""
    with np.errstate(invalid="ignore"):
        return np.asarray((wavelength >= limits[0]) & (wavelength <= limits[1]))


def describe_limits(limits: tuple[float, float], wavelength: Array) -> str:
    """Return a range of wavelengths, and what there is, for an error."""
    finite = wavelength[np.isfinite(wavelength)]
    there = f"{finite.min():.6g} to {finite.max():.6g}" if finite.size else "none"
    return f"a wavelength from {limits[0]:.6g} to {limits[1]:.6g} um; there are {there}"


def cut_image(column: ArrayColumn, hdu: Hdu, box: Box, axes: tuple[int, ...]) -> ArrayColumn:
    """Return an image extension cut to a box, where its last axes are those of the product.

    Parameters
    ----------
    column
        The whole image.
    hdu
        Its extension, of which only the rows needed are read.
    box
        The indices wanted.
    axes
        The lengths of the product's axes.
    """
    n = next((n for n in (len(axes), 2) if hdu.axes[-n:] == axes[-n:]), 0)
    if not n:
        return column
    outer = [range(length) for length in hdu.axes[:-n]]
    ranges = [*outer, *list(box.values())[-n:]]
    step = max(1, CHUNK_BYTES * len(ranges[0]) // max(1, _bytes(hdu, ranges)))

    def chunks() -> Iterator[Array]:
        first = ranges[0]
        for start in range(first.start, first.stop, step):
            yield hdu.box([range(start, min(start + step, first.stop)), *ranges[1:]])

    return replace(column, shape=tuple(map(len, ranges)), chunks=chunks)


def _bytes(hdu: Hdu, ranges: list[range]) -> int:
    count = hdu.dtype.itemsize
    for each in ranges:
        count *= len(each)
    return count


def cut_array(column: ArrayColumn, *ranges: range) -> ArrayColumn:
    """Return a column, small enough to be read whole, cut along its axes."""
    slices = tuple(slice(each.start, each.stop) for each in ranges)
    shape = tuple(map(len, ranges))
    return replace(column, shape=shape, chunks=lambda: iter([column.read()[slices]]))


def without_axes(column: ArrayColumn, box: Box, dropped: frozenset[Axis]) -> ArrayColumn:
    """Return a column without the axes along which one index was chosen by `spectrum`."""
    names: list[Axis] = list(box)[-len(column.shape) :]
    lead = len(column.shape) - len(names)
    gone = tuple(lead + i for i, name in enumerate(names) if name in dropped)
    if not gone:
        return column
    shape = tuple(n for i, n in enumerate(column.shape) if i not in gone) or (1,)
    return replace(column, shape=shape, chunks=lambda: _squeezed(column, gone, shape))


def _squeezed(
    column: ArrayColumn, gone: tuple[int, ...], shape: tuple[int, ...]
) -> Iterator[Array]:
    if 0 in gone:
        yield column.read().reshape(shape)
        return
    for chunk in column.chunks():
        yield chunk.squeeze(axis=gone)


def kept(column: ArrayColumn, keep: Array) -> ArrayColumn:
    """Return a 1-D column with only the pixels to keep, shape (pixels,) of bools."""

    def chunks() -> Iterator[Array]:
        start = 0
        for chunk in column.chunks():
            yield chunk[keep[start : start + len(chunk)]]
            start += len(chunk)

    return replace(column, shape=(int(np.count_nonzero(keep)),), chunks=chunks)


def made(name: str, values: Array, unit: str, description: str, source: str) -> ArrayColumn:
    """Return a column of values that were computed."""
    return ArrayColumn(
        name=name,
        fits_ext=source,
        dtype=dtype_name(values.dtype),
        shape=values.shape,
        chunks=lambda: iter([values]),
        unit=unit,
        fits_unit=unit,
        description=description,
    )


def only(columns: list[ArrayColumn], names: tuple[str, ...]) -> list[ArrayColumn]:
    """Return the columns of these names, in their order; all if none is named.

    Raises
    ------
    BadQueryError
        If there is none of a name.
    """
    if not names:
        return columns
    by_name: dict[str, Any] = {column.name: column for column in columns}
    for name in names:
        if name not in by_name:
            raise BadQueryError(f"columns: this has no array {name!r}; it has {', '.join(by_name)}")
    return [by_name[name] for name in names]
