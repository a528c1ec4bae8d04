"""Columns of combined pixels and their coordinates."""

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binning import GroupGrid
from spectraldb.cutouts.boxes import Selection
from spectraldb.cutouts.request import Binning
from spectraldb.products.array_column import ArrayColumn, computed_column


def binned_column(name: str, values: Array, unit: str, binning: Binning) -> ArrayColumn:
    """Return a column of combined pixels; `values` can have any shape."""
    statistic = "sum" if binning.total else "mean"
    descriptions = {
        "flux": f"{statistic} of the flux of the good pixels",
        "fluxErr": f"1-sigma error of the {statistic}, from independent errors of the pixels",
        "surfBright": f"{statistic} of the surface brightness of the good pixels",
        "sbErr": f"1-sigma error of the {statistic} of the surface brightness",
        "nGood": "number of good pixels that were combined",
        "wavelength": "mean wavelength of the combined pixels",
        "background": "mean of the good pixels of the annulus, which was subtracted",
        "nBackground": "number of good pixels of the annulus",
        "spectrum": "index of the spectrum of the pixels, as in `spectra`",
        "ra": "mean right ascension of the combined spaxels",
        "dec": "mean declination of the combined spaxels",
    }
    return computed_column(name, values, unit, descriptions[name])


def binned_box_columns(
    values: dict[str, Array],
    flux_unit: str,
    selection: Selection,
    grid: GroupGrid,
    binning: Binning,
    background_unit: str = "",
) -> list[ArrayColumn]:
    """Return columns of combined pixels of an image or a cube.

    Parameters
    ----------
    values
        Arrays by name, with the shape of the grid or of its last axes, or 1-D.
    flux_unit
        Unit of flux and fluxErr.
    selection
        The pixels that were combined.
    grid
        Groups of the pixels.  Axes that are combined into one group, and axes that the selection
        drops, are dropped from arrays with several axes.
    binning
        The request.
    background_unit
        Unit of the background, if it is not that of the flux.
    """
    collapsed = collapsed_axes(selection, grid)
    units = {
        "wavelength": "um",
        "ra": "deg",
        "dec": "deg",
        "flux": flux_unit,
        "fluxErr": flux_unit,
        "background": background_unit or flux_unit,
    }
    columns = []
    for name, array in values.items():
        axes = list(grid.groups)[-array.ndim :] if array.ndim > 1 else []
        dropped = tuple(i for i, axis in enumerate(axes) if axis in collapsed)
        remaining = np.atleast_1d(array.squeeze(axis=dropped))
        columns.append(binned_column(name, remaining, units.get(name, ""), binning))
    return columns


def collapsed_axes(selection: Selection, grid: GroupGrid) -> frozenset[str]:
    """Return the axes to drop: combined into one group, or fixed by the spectrum."""
    return selection.dropped | {axis for axis, g in grid.groups.items() if g.size is None}
