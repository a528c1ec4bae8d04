"""Flux densities of apertures on cubes: sums over spaxels, and the background around them.

The flux density of an aperture is the sum of I A over its spaxels, where I is the surface
brightness and A the solid angle of a spaxel, as the pipeline computes the column FLUX of an x1d:
https://jwst-pipeline.readthedocs.io/en/latest/jwst/extract_1d/description.html
"""

from dataclasses import dataclass, replace

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binning import AxisGroups, GroupGrid
from spectraldb.cutouts.boxes import Selection
from spectraldb.cutouts.pixel_sums import bin_box
from spectraldb.cutouts.request import Annulus, Binning
from spectraldb.errors import NotHeldError
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.cubes import CubeProduct
from spectraldb.products.pixel_area import PixelArea, flux_density_unit
from spectraldb.sky import Cone

Values = dict[str, Array]
"""Arrays of combined pixels by name, with the shape of the grid."""


@dataclass(frozen=True)
class FluxDensity:
    """The unit of a sum over spaxels, and the factor from the sum of the surface brightness."""

    unit: str
    factor: float
    area: PixelArea

    @property
    def description(self) -> str:
        """How a flux is computed, for the description of its array."""
        return f"times the solid angle of a spaxel, {self.area}"


def flux_density(cube: CubeProduct, binning: Binning) -> FluxDensity | None:
    """Return how sums become flux densities.

    Returns None for means, for sums along wavelength alone, and for cubes without the solid angle
    of a spaxel or whose flux is not a surface brightness.
    """
    area = cube.pixel_area
    if not binning.total or not {"x", "y"} & binning.sizes.keys() or area is None:
        return None
    unit = flux_density_unit(cube.units["flux"])
    return unit and FluxDensity(unit[0], unit[1] * area.steradian, area)


def apply_flux_density(values: Values, density: FluxDensity) -> Values:
    """Return sums of surface brightnesses, and their background, as flux densities."""
    fluxes = ("flux", "fluxErr")
    return {n: array * density.factor if n in fluxes else array for n, array in values.items()}


def describe_flux_density(column: ArrayColumn, density: FluxDensity) -> ArrayColumn:
    """Return a column of combined pixels with the solid angle in its description."""
    if column.name not in ("flux", "fluxErr"):
        return column
    return replace(column, description=f"{column.description}, {density.description}")


def subtract_background(
    cube: CubeProduct,
    selection: Selection,
    values: Values,
    circle: Cone,
    annulus: Annulus,
    *,
    total: bool,
) -> Values:
    """Subtract the mean of the good spaxels of an annulus from each plane.

    Parameters
    ----------
    cube
        The cube.
    selection
        The pixels of the aperture.
    values
        flux, fluxErr and nGood of the aperture, shape (planes, 1, 1).
    circle
        The aperture.
    annulus
        The annulus around its centre.
    total
        Whether the flux is a sum over nGood pixels instead of a mean.

    Returns
    -------
    dict
        The values, with `background`, the mean of the annulus, and `nBackground`, the number of
        its good pixels.  Planes in which the annulus has none have no flux.

    Raises
    ------
    NotHeldError
        If no spaxel is in the annulus.
    """
    separation = circle.separation(*cube.sky)
    inside = (separation >= annulus.inner) & (separation <= annulus.outer)
    rows = np.flatnonzero(inside.any(axis=1))
    if not rows.size:
        raise NotHeldError("annulus: No spaxel of the cube is in the annulus. Use larger radii.")
    ny, nx = inside.shape
    planes = selection.box["z"]
    box = replace(selection, box={"z": planes, "y": range(ny), "x": range(nx)}, inside=inside)
    sizes = {"z": (1, len(planes)), "y": (None, ny), "x": (None, nx)}
    grid = GroupGrid({axis: AxisGroups(*size) for axis, size in sizes.items()})  # type: ignore[misc]
    blocks = cube.blocks(range(int(rows[0]), int(rows[-1]) + 1))
    background = bin_box(blocks, box, grid, total=False)
    n = values["nGood"] if total else 1
    return values | {
        "flux": values["flux"] - n * background["flux"],
        "fluxErr": np.hypot(values["fluxErr"], n * background["fluxErr"]),
        "background": background["flux"],
        "nBackground": background["nGood"],
    }
