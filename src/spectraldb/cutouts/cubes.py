"""Cut-outs of cubes."""

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.apertures import (
    FluxDensity,
    apply_flux_density,
    describe_flux_density,
    flux_density,
    subtract_background,
)
from spectraldb.cutouts.binned_columns import binned_box_columns, collapsed_axes
from spectraldb.cutouts.binning import GroupGrid, axis_groups, mean_angles
from spectraldb.cutouts.boxes import (
    Box,
    Selection,
    describe_limits,
    empty_cone,
    in_limits,
    pixel_index,
    select_box,
    shrink,
)
from spectraldb.cutouts.columns import cut_array, cut_image, drop_axes
from spectraldb.cutouts.good_mask import cube_good, wants_good
from spectraldb.cutouts.part import Part
from spectraldb.cutouts.pixel_sums import bin_box
from spectraldb.cutouts.request import Binning, Cutout
from spectraldb.products.array_column import ArrayColumn, computed_column
from spectraldb.products.block import Axis
from spectraldb.products.cubes import CubeProduct
from spectraldb.sky import Cone


def cut_cube(cube: CubeProduct, cutout: Cutout) -> Part:
    """Return a part of a cube; raises the errors of `part_of`."""
    selection = _select(cube, cutout)
    box = selection.box
    if cutout.binning:
        groups = axis_groups(cutout.binning, {a: len(r) for a, r in box.items()}, "z")
        density = flux_density(cube, cutout.binning)
        columns = _binned_columns(cube, selection, GroupGrid(groups), cutout, density)
        index = pixel_index(box, groups, selection.dropped)
        return Part(columns, [], box, index, density.area.steradian if density else None)
    columns = _cut_columns(cube, selection)
    if wants_good(cutout):
        columns.append(drop_axes(cube_good(cube, box), box, selection.dropped))
    return Part(columns, [], box if cutout.cuts else {}, pixel_index(box, None, selection.dropped))


def _select(cube: CubeProduct, cutout: Cutout) -> Selection:
    fixed = _spaxel(cube, cutout.spectrum)
    nz, ny, nx = cube.sci.shape
    box = select_box(cube.file_name, cutout, {"z": nz, "y": ny, "x": nx}, fixed)
    if cutout.wavelength:
        wanted = in_limits(cube.wavelength, cutout.wavelength)
        description = describe_limits(cutout.wavelength, cube.wavelength)
        box["z"] = shrink(box["z"], wanted, description)
    inside = None
    if cutout.cone:
        inside = cutout.cone.contains(*cube.sky)
        box = _shrink_to_cone(cube, box, inside, cutout.cone)
    return Selection(box, "z", inside, frozenset(fixed))


def _spaxel(cube: CubeProduct, spectrum: int | None) -> dict[Axis, int]:
    """Return the indices of a spectrum along y and x; empty if no spectrum is selected."""
    cube.check_spectrum(spectrum)
    if spectrum is None:
        return {}
    y, x = divmod(spectrum, cube.sci.shape[2])
    return {"y": y, "x": x}


def _shrink_to_cone(cube: CubeProduct, box: Box, inside: Array, cone: Cone) -> Box:
    """Return the smallest box that contains the same spaxels in the cone."""
    rows = np.asarray(inside[:, box["x"].start : box["x"].stop].any(axis=1))
    if not rows[box["y"].start : box["y"].stop].any():
        raise empty_cone(cone, *cube.sky)
    y = shrink(box["y"], rows, "a position in the circle")
    columns = np.asarray(inside[y.start : y.stop].any(axis=0))
    return {"z": box["z"], "y": y, "x": shrink(box["x"], columns, "a position in the circle")}


def _cut_columns(cube: CubeProduct, selection: Selection) -> list[ArrayColumn]:
    box, dropped = selection.box, selection.dropped
    wavelength, ra, dec, *images = cube.columns()
    columns = [cut_array(wavelength, box["z"])]
    columns += [drop_axes(cut_array(c, box["y"], box["x"]), box, dropped) for c in (ra, dec)]
    columns += [
        cut_image(column, hdu, box, cube.sci.shape, dropped)
        for column, hdu in zip(images, cube.file.images(), strict=True)
    ]
    if selection.inside is not None:
        columns.append(_inside_column(selection.inside, box))
    return columns


def _inside_column(inside: Array, box: Box) -> ArrayColumn:
    column = computed_column("inside", inside, "", "whether the spaxel is in the circle")
    return cut_array(column, box["y"], box["x"])


def _binned_columns(
    cube: CubeProduct,
    selection: Selection,
    grid: GroupGrid,
    cutout: Cutout,
    density: FluxDensity | None,
) -> list[ArrayColumn]:
    binning = cutout.binning or Binning({})
    box, groups = selection.box, grid.groups
    planes = cube.wavelength[box["z"].start : box["z"].stop]
    values = {"wavelength": groups["z"].means(planes)}
    if not {"x", "y"} & collapsed_axes(selection, grid):
        part = np.s_[box["y"].start : box["y"].stop, box["x"].start : box["x"].stop]
        for name, angles in zip(("ra", "dec"), cube.sky, strict=True):
            values[name] = mean_angles(angles[part], groups["y"].size, groups["x"].size)
    values |= _combined(cube, selection, grid, cutout)
    if density is None:
        return binned_box_columns(values, cube.units["flux"], selection, grid, binning)
    values = apply_flux_density(values, density)
    brightness = cube.units["flux"]
    columns = binned_box_columns(values, density.unit, selection, grid, binning, brightness)
    return [describe_flux_density(column, density) for column in columns]


def _combined(
    cube: CubeProduct, selection: Selection, grid: GroupGrid, cutout: Cutout
) -> dict[str, Array]:
    """Return flux, fluxErr and nGood of the groups, without the background of the annulus."""
    total = cutout.binning is not None and cutout.binning.total
    values = bin_box(cube.blocks(selection.box["y"]), selection, grid, total=total)
    if cutout.annulus is None or cutout.cone is None:
        return values
    return subtract_background(cube, selection, values, cutout.cone, cutout.annulus, total=total)
