"""Means and sums of the good pixels of groups, with their errors.

The error of the sum of n pixels is sqrt(sum of err^2), and the error of their mean is
sqrt(sum of err^2) / n.  This assumes independent errors.  In drizzled cubes, the errors of
neighbouring voxels are correlated (Law et al. 2023, AJ 166, 45), so that the error of their mean is
too small.
"""

from collections.abc import Iterable

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binning import GroupGrid
from spectraldb.cutouts.boxes import Box, Selection
from spectraldb.products.block import Block


class PixelSums:
    """Sums over the good pixels of groups.

    Parameters
    ----------
    n_groups
        Number of groups.
    """

    def __init__(self, n_groups: int) -> None:
        self.n_good = np.zeros(n_groups, "i8")
        self._flux = np.zeros(n_groups)
        self._variance = np.zeros(n_groups)

    def add(self, group: Array, flux: Array, error: Array, good: Array) -> None:
        """Add pixels with their group, flux and error, and the mask of good pixels."""
        groups = group[good]
        n = len(self.n_good)
        self._flux += np.bincount(groups, flux[good].astype("f8"), minlength=n)
        self._variance += np.bincount(groups, error[good].astype("f8") ** 2, minlength=n)
        self.n_good += np.bincount(groups, minlength=n)

    def values(self, *, total: bool) -> tuple[Array, Array]:
        """Return the sum or mean of each group and its error; NaN without good pixels."""
        n = np.where(self.n_good > 0, self.n_good, np.nan)
        divisor = np.where(self.n_good > 0, 1.0, np.nan) if total else n
        return self._flux / divisor, np.sqrt(self._variance) / divisor


def bin_box(
    blocks: Iterable[Block], selection: Selection, grid: GroupGrid, *, total: bool
) -> dict[str, Array]:
    """Return the flux, error and number of good pixels of the groups of an image or a cube.

    Parameters
    ----------
    blocks
        Spectra of the product; those outside the selection are ignored.
    selection
        The pixels to combine.
    grid
        Groups of the pixels.
    total
        Whether to return sums instead of means.

    Returns
    -------
    dict
        flux, fluxErr and nGood, with the shape of the grid.
    """
    indices = selection.box[selection.dispersion]
    along = grid.offset(selection.dispersion, np.arange(len(indices)))
    sums = PixelSums(int(np.prod(grid.shape)))
    for block in blocks:
        wanted, across = _wanted_spectra(block, selection, grid)
        if not wanted.any():
            continue
        part = (wanted, slice(indices.start, indices.stop))
        group = across[wanted][:, np.newaxis] + along
        good = np.broadcast_to(block.good, block.flux.shape)[part]
        sums.add(group, block.flux[part], block.flux_err[part], good)
    flux, error = sums.values(total=total)
    values = {"flux": flux, "fluxErr": error, "nGood": sums.n_good}
    return {name: array.reshape(grid.shape) for name, array in values.items()}


def _wanted_spectra(block: Block, selection: Selection, grid: GroupGrid) -> tuple[Array, Array]:
    """Return the mask of the selected spectra of a block, and their group offsets."""
    wanted = np.ones(len(block.flux), bool)
    offset = np.zeros(len(block.flux), "i8")
    box: Box = {a: r for a, r in selection.box.items() if a != selection.dispersion}
    position = [{"x": block.x, "y": block.y}[axis] for axis in box]
    for (axis, indices), index in zip(box.items(), position, strict=True):
        assert index is not None  # noqa: S101 - every spectrum of an image or a cube has one
        wanted &= (index >= indices.start) & (index < indices.stop)
        offset += grid.offset(axis, index - indices.start)
    if selection.inside is not None:
        wanted &= selection.inside[tuple(position)]
    return wanted, offset


def bin_spectra(
    wavelength: Array,
    values: list[tuple[Array, Array]],
    wanted: Array,
    good: Array,
    size: int | None,
) -> tuple[Array, list[PixelSums], Array]:
    """Combine pixels of several spectra, separately for each spectrum.

    Parameters
    ----------
    wavelength, wanted, good
        Wavelengths and the masks of the wanted and the good pixels, shape (spectra, pixels).
    values
        Pairs of values and errors, with the same shape.
    size
        Pixels per group; None for one group per spectrum.

    Returns
    -------
    wavelengths : Array
        Mean wavelength of each group.
    sums : list of PixelSums
        Sums for each pair.
    rows : Array
        Row index of the spectrum of each group.
    """
    n_wanted = wanted.sum(axis=1)
    counts = np.where(n_wanted > 0, 1, 0) if size is None else -(-n_wanted // size)
    firsts = np.cumsum([0, *counts])
    rank = np.cumsum(wanted, axis=1) - 1
    group = firsts[:-1, np.newaxis] + (rank * 0 if size is None else rank // size)
    n_groups = int(firsts[-1])
    sums = []
    for flux, error in values:
        each = PixelSums(n_groups)
        each.add(group, flux, error, good & wanted & np.isfinite(flux))
        sums.append(each)
    finite = wanted & np.isfinite(wavelength)
    means = _means(group[finite], wavelength[finite], n_groups)
    return means, sums, np.repeat(np.arange(len(counts)), counts)


def _means(group: Array, values: Array, n_groups: int) -> Array:
    totals = np.bincount(group, values, minlength=n_groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(totals / np.bincount(group, minlength=n_groups))
