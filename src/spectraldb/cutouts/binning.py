"""Pixels put together: means and sums of the good pixels along axes of a product.

The mean of n pixels has the error sqrt(sum of err^2) / n, their sum sqrt(sum of err^2): errors
are taken as independent of each other.  Those of neighbouring voxels of a drizzled cube are not
(Law et al. 2023, AJ 166, 45), so that there the error is too small.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.request import Binning, Box
from spectraldb.errors import BadQueryError
from spectraldb.products.array_column import ArrayColumn, computed_column
from spectraldb.products.block import Axis, Block

_SOURCE = "derived"


@dataclass(frozen=True)
class Groups:
    """How the pixels along one axis are put together."""

    size: int | None
    """None for all into one."""
    length: int

    @property
    def count(self) -> int:
        """How many groups there are; the last may be smaller than the others."""
        return 1 if self.size is None else -(-self.length // self.size)

    def of(self, index: Array) -> Array:
        """Return the group of each index, counted from the first of the cut."""
        return np.asarray(index * 0 if self.size is None else index // self.size)


@dataclass
class Sums:
    """Sums over the good pixels of each group, flat."""

    groups: int
    flux: Array = field(init=False)
    squares: Array = field(init=False)
    good: Array = field(init=False)

    def __post_init__(self) -> None:
        self.flux, self.squares = (np.zeros(self.groups) for _ in range(2))
        self.good = np.zeros(self.groups, "i8")

    def add(self, group: Array, flux: Array, error: Array, good: Array) -> None:
        """Add pixels; all arrays have one shape."""
        where = group[good]
        weigh = {"minlength": self.groups}
        self.flux += np.bincount(where, flux[good].astype("f8"), **weigh)
        self.squares += np.bincount(where, error[good].astype("f8") ** 2, **weigh)
        self.good += np.bincount(where, **weigh)

    def values(self, *, total: bool) -> tuple[Array, Array]:
        """Return flux and error of each group, NaN where it has no good pixel."""
        n = np.where(self.good > 0, self.good, np.nan)
        divide = np.where(self.good > 0, 1.0, np.nan) if total else n
        return self.flux / divide, np.sqrt(self.squares) / divide


def axis_groups(binning: Binning, lengths: dict[Axis, int], dispersion: Axis) -> dict[Axis, Groups]:
    """Return the groups along each axis; one pixel each where nothing is said.

    Raises
    ------
    BadQueryError
        If the product has no such axis.
    """
    sizes: dict[str, int | None] = {}
    for name, size in binning.sizes.items():
        axis = dispersion if name == "wavelength" else name
        if axis not in lengths:
            raise BadQueryError(
                f"bin: this product has no axis {name}; it has {', '.join(lengths)}"
            )
        if axis in sizes:
            raise BadQueryError(f"bin: {name} is the axis {axis} here; name it once")
        sizes[axis] = size
    return {axis: Groups(sizes.get(axis, 1), n) for axis, n in lengths.items()}


def collapsed(binning: Binning, dispersion: Axis) -> frozenset[str]:
    """Return the axes that become one pixel, and so go from the shape."""
    return frozenset(
        dispersion if name == "wavelength" else name
        for name, size in binning.sizes.items()
        if size is None
    )


def bin_box(
    blocks: Iterator[Block], box: Box, dispersion: Axis, binning: Binning, inside: Array | None
) -> dict[str, Array]:
    """Return flux, error and number of good pixels of an image or a cube, put together.

    Parameters
    ----------
    blocks
        Spectra of the product; those outside of the box are left out.
    box
        The indices wanted along each axis, slowest first.
    dispersion
        The axis along which spectra lie.
    binning
        What to put together.
    inside
        Which pixels across the dispersion are wanted, shape of the product's other axes; None
        for all.

    Returns
    -------
    dict
        Arrays of the shape of the groups, in the order of the box's axes.
    """
    lengths = {axis: len(indices) for axis, indices in box.items()}
    groups = axis_groups(binning, lengths, dispersion)
    counts = [g.count for g in groups.values()]
    strides = dict(zip(groups, np.cumprod([1, *counts[:0:-1]])[::-1].tolist(), strict=True))
    sums = Sums(int(np.prod(counts)))
    along = box[dispersion]
    pixel = groups[dispersion].of(np.arange(len(along))) * strides[dispersion]
    for block in blocks:
        wanted, across = _across(block, box, dispersion, groups, strides, inside)
        if not wanted.any():
            continue
        part = (wanted, slice(along.start, along.stop))
        group = across[wanted][:, np.newaxis] + pixel
        good = np.broadcast_to(block.good, block.flux.shape)[part]
        sums.add(group, block.flux[part], block.flux_err[part], good)
    flux, error = sums.values(total=binning.total)
    found = {"flux": flux, "fluxErr": error, "nGood": sums.good}
    return {name: values.reshape(counts) for name, values in found.items()}


def _across(
    block: Block,
    box: Box,
    dispersion: Axis,
    groups: dict[Axis, Groups],
    strides: dict[Axis, int],
    inside: Array | None,
) -> tuple[Array, Array]:
    """Return which spectra of a block are wanted, and what their places add to the group."""
    wanted = np.ones(len(block.flux), bool)
    across = np.zeros(len(block.flux), "i8")
    places: dict[str, Array | None] = {"x": block.x, "y": block.y}
    indices = []
    for axis in (axis for axis in box if axis != dispersion):
        index = places[axis]
        assert index is not None  # noqa: S101 - every spectrum of an image or a cube has a place
        wanted &= (index >= box[axis].start) & (index < box[axis].stop)
        across += groups[axis].of(index - box[axis].start) * strides[axis]
        indices.append(index)
    if inside is not None:
        wanted &= inside[tuple(indices)]
    return wanted, across


def group_means(values: Array, groups: Groups) -> Array:
    """Return the mean of each group of a 1-D array, in which NaN does not count."""
    finite = np.isfinite(values)
    group = groups.of(np.arange(len(values)))
    if groups.size == 1:
        return values
    total = np.bincount(group[finite], values[finite], minlength=groups.count)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / np.bincount(group[finite], minlength=groups.count))


def bin_spectra(
    wavelength: Array, keep: Array, size: int | None, values: list[tuple[Array, Array]], good: Array
) -> tuple[Array, list[Sums], Array]:
    """Put pixels of spectra side by side together, each spectrum by itself.

    Parameters
    ----------
    wavelength, good
        Of each pixel, shape (spectra, pixels).
    keep
        Which pixels are wanted at all, same shape.
    size
        How many are put together; None for all of a spectrum.
    values
        Pairs of values and errors, same shape each.

    Returns
    -------
    wavelengths : array
        The mean of each group.
    sums : list
        One for each pair.
    spectra : array
        The row of each group.
    """
    kept = keep.sum(axis=1)
    counts = np.where(kept > 0, 1, 0) if size is None else -(-kept // size)
    firsts = np.cumsum([0, *counts])
    index = np.cumsum(keep, axis=1) - 1
    group = firsts[:-1, np.newaxis] + (index * 0 if size is None else index // size)
    total = int(firsts[-1])
    finite = keep & np.isfinite(wavelength)
    sums_of = np.bincount(group[finite], wavelength[finite], minlength=total)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums_of / np.bincount(group[finite], minlength=total)
    sums = []
    for flux, error in values:
        each = Sums(total)
        each.add(group, flux, error, good & keep & np.isfinite(flux))
        sums.append(each)
    return means, sums, np.repeat(np.arange(len(counts)), counts)


def binned_column(name: str, values: Array, unit: str, binning: Binning) -> ArrayColumn:
    """Return a column of what pixels were put together to."""
    what = "sum" if binning.total else "mean"
    told = {
        "flux": f"{what} of the flux of the good pixels",
        "fluxErr": f"1-sigma error of the {what}, from independent errors of the pixels",
        "surfBright": f"{what} of the surface brightness of the good pixels",
        "sbErr": f"1-sigma error of the {what} of the surface brightness",
        "nGood": "how many good pixels were put together",
        "wavelength": "mean wavelength of the pixels put together",
        "spectrum": "which of `spectra` the pixels belong to",
        "ra": "mean right ascension of the spaxels put together",
        "dec": "mean declination of the spaxels put together",
    }
    return computed_column(name, values, unit, told[name], _SOURCE)
