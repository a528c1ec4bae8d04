"""Parts of images and cubes: a box of pixels, cut out or put together."""

from collections.abc import Collection

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binning import (
    Groups,
    axis_groups,
    bin_box,
    binned_column,
    collapsed,
    group_means,
)
from spectraldb.cutouts.good_mask import asks_good, cube_good, slit_good
from spectraldb.cutouts.request import (
    Binning,
    Box,
    Cutout,
    Index,
    Part,
    between,
    cut_array,
    cut_image,
    describe_limits,
    made,
    within,
    without_axes,
)
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.products.cubes import CubeProduct
from spectraldb.products.images import SlitProduct
from spectraldb.products.model import ArrayColumn, Axis, Product
from spectraldb.sky import Cone

NO_AXES: frozenset[Axis] = frozenset()


def cube_part(cube: CubeProduct, cutout: Cutout) -> Part:
    """Return a part of a cube; raises as `part_of`."""
    cube.check_spectrum(cutout.spectrum)
    nx = cube.sci.axes[2]
    at: dict[Axis, int] = {}
    if cutout.spectrum is not None:
        at["y"], at["x"] = divmod(cutout.spectrum, nx)
    box = _box(cube, cutout, dict(zip("zyx", cube.sci.axes, strict=True)), at)  # type: ignore[arg-type]
    if cutout.wavelength:
        wanted = between(cube.wavelength, cutout.wavelength)
        box["z"] = within(box["z"], wanted, describe_limits(cutout.wavelength, cube.wavelength))
    inside = None
    if cutout.cone:
        inside = cutout.cone.contains(*cube.sky)
        cut = inside[box["y"].start : box["y"].stop, box["x"].start : box["x"].stop]
        if not cut.any():
            raise NotHeldError(_nearest(cutout.cone, *cube.sky))
        box["y"] = within(
            box["y"], np.asarray(_only(inside, x=box["x"]).any(axis=1)), "a place there"
        )
        box["x"] = within(
            box["x"], np.asarray(_only(inside, y=box["y"]).any(axis=0)), "a place there"
        )
    if cutout.binning:
        index = _group_index(box, _groups(cutout.binning, box, "z"), at)
        return Part(_binned_cube(cube, cutout, box, inside), [], box, index)
    index = _group_index(box, {}, at)
    columns = _cut_cube(cube, box, inside, frozenset(at))
    if asks_good(cutout):
        columns.append(without_axes(cube_good(cube, box), box, frozenset(at)))
    return Part(columns, [], box if cutout.cuts else {}, index)


def _only(inside: Array, *, x: range | None = None, y: range | None = None) -> Array:
    """Return where a mask holds, nowhere outside of ranges of rows or columns."""
    cut = np.zeros_like(inside)
    rows = slice(y.start, y.stop) if y else slice(None)
    columns = slice(x.start, x.stop) if x else slice(None)
    cut[rows, columns] = inside[rows, columns]
    return cut


def _box(product: Product, cutout: Cutout, lengths: dict[Axis, int], at: dict[Axis, int]) -> Box:
    """Return the indices that ranges and the spectrum leave along each axis."""
    for axis in cutout.ranges:
        if axis not in lengths:
            raise BadQueryError(
                f"{axis}: {product.file_name} has no such axis; it has {', '.join(lengths)}"
            )
        if axis in at:
            raise BadQueryError(f"{axis}: the spectrum says it already; leave one of them out")
    fixed = {axis: range(index, index + 1) for axis, index in at.items()}
    return {a: fixed.get(a) or cutout.along(a, length) for a, length in lengths.items()}


def _nearest(cone: Cone, ra: Array, dec: Array) -> str:
    distance = cone.separation(ra, dec)
    if not np.isfinite(distance).any():
        return "the product does not say where on the sky it is"
    nearest = np.nanmin(distance) * 3600
    return (
        f"no spectrum of the product lies within {cone.radius * 3600:.6g} arcsec of there; "
        f"the nearest is at {nearest:.6g} arcsec"
    )


def _cut_cube(
    cube: CubeProduct, box: Box, inside: Array | None, dropped: frozenset[Axis]
) -> list[ArrayColumn]:
    wavelength, ra, dec, *images = cube.columns()
    columns = [
        without_axes(cut_array(angle, box["y"], box["x"]), box, dropped) for angle in (ra, dec)
    ]
    columns.insert(0, cut_array(wavelength, box["z"]))
    for column, hdu in zip(images, cube.images, strict=True):
        cut = cut_image(column, hdu, box, cube.sci.axes)
        columns.append(without_axes(cut, box, dropped) if cut is not column else cut)
    return [*columns, *_inside_column(inside, box)]


def _groups(binning: Binning, box: Box, dispersion: Axis) -> dict[Axis, Groups]:
    return axis_groups(binning, {axis: len(r) for axis, r in box.items()}, dispersion)


def _group_index(box: Box, groups: dict[Axis, Groups], dropped: Collection[Axis]) -> Index:
    """Return the file's indices along the axes that are left."""
    steps = {axis: groups[axis].size if groups else 1 for axis in box}
    return {
        axis: np.array(box[axis][::step], "i4")
        for axis, step in steps.items()
        if step is not None and axis not in dropped
    }


def _inside_column(inside: Array | None, box: Box) -> list[ArrayColumn]:
    if inside is None:
        return []
    column = made("inside", inside, "", "whether the spaxel lies in the circle", "derived")
    return [cut_array(column, box["y"], box["x"])]


def _binned_cube(
    cube: CubeProduct, cutout: Cutout, box: Box, inside: Array | None
) -> list[ArrayColumn]:
    binning = cutout.binning
    assert binning is not None  # noqa: S101 - asked for by the caller
    groups = _groups(binning, box, "z")
    gone = collapsed(binning, "z") | ({"y", "x"} if cutout.spectrum is not None else set())
    planes = cube.wavelength[box["z"].start : box["z"].stop]
    values = {"wavelength": group_means(planes, groups["z"])}
    if not {"x", "y"} & gone:
        for name, angle in zip(("ra", "dec"), cube.sky, strict=True):
            values[name] = _mean_angle(angle, box, groups["y"].size, groups["x"].size)
    values |= bin_box(cube.blocks(box["y"]), box, "z", binning, inside)
    return _columns_of(cutout, cube, values, box, gone)


def _mean_angle(angle: Array, box: Box, rows: int | None, columns: int | None) -> Array:
    """Return the mean of each group of spaxels; right ascension may pass from 360 to 0."""
    cut = angle[box["y"].start : box["y"].stop, box["x"].start : box["x"].stop]
    middle = cut.flat[0]
    away = (cut - middle + 180.0) % 360.0 - 180.0
    for axis, size in enumerate((rows, columns)):
        starts = np.arange(0, away.shape[axis], size or away.shape[axis])
        counts = np.diff([*starts, away.shape[axis]])
        shape = [-1 if i == axis else 1 for i in range(2)]
        away = np.add.reduceat(away, starts, axis=axis) / counts.reshape(shape)
    return np.asarray(middle + away)


def _columns_of(
    cutout: Cutout, product: Product, values: dict[str, Array], box: Box, gone: frozenset[str]
) -> list[ArrayColumn]:
    """Return what was computed as columns, without the axes that became one pixel."""
    assert cutout.binning is not None  # noqa: S101
    flux = dict.fromkeys(("flux", "fluxErr"), product.units["flux"])
    units = {"wavelength": "um", "ra": "deg", "dec": "deg", **flux}
    columns = []
    for name, array in values.items():
        names = list(box)[-array.ndim :]
        lost = tuple(i for i, axis in enumerate(names) if axis in gone) if array.ndim > 1 else ()
        shaped = np.atleast_1d(array.squeeze(axis=lost))
        columns.append(binned_column(name, shaped, units.get(name, ""), cutout.binning))
    return columns


def slit_part(slits: SlitProduct, cutout: Cutout) -> Part:
    """Return a part of an image, or of the slit that a spectrum is of; raises as `part_of`."""
    slit, row = (0, None) if cutout.spectrum is None else slits.find(cutout.spectrum)
    hdu = slits.slits[slit]
    along: Axis = "x" if slits.dispersion_axis(hdu) == 1 else "y"
    across: Axis = "y" if along == "x" else "x"
    at: dict[Axis, int] = {} if row is None else {across: row}
    box = _box(slits, cutout, dict(zip("yx", hdu.axes, strict=True)), at)  # type: ignore[arg-type]
    wavelength = slits.wavelength(slit)[1]
    inside = None
    if cutout.cone:
        inside = _rows_inside(slits, slit, cutout.cone)
        box[across] = within(box[across], inside, "a place there")
    if cutout.wavelength:
        rows = wavelength[np.newaxis] if wavelength.ndim == 1 else _in_rows(wavelength, along)
        cut = rows if wavelength.ndim == 1 else rows[box[across].start : box[across].stop]
        wanted = np.asarray(between(cut, cutout.wavelength).any(axis=0))
        box[along] = within(box[along], wanted, describe_limits(cutout.wavelength, cut))
    if cutout.binning:
        index = _group_index(box, _groups(cutout.binning, box, along), at)
        return Part(_binned_slit(slits, slit, cutout, box, inside), [], box, index)
    index = _group_index(box, {}, at)
    columns = _cut_slit(slits, slit, box, frozenset(at))
    if asks_good(cutout):
        columns.append(without_axes(slit_good(slits, slit, box), box, frozenset(at)))
    return Part(columns, [], box if cutout.cuts else {}, index)


def _in_rows(values: Array, along: Axis) -> Array:
    return values if along == "x" else values.T


def _rows_inside(slits: SlitProduct, slit: int, cone: Cone) -> Array:
    block = slits.block(slit)
    ra, dec = (
        np.broadcast_to(np.asarray(block.spectra[name], "f8"), len(block.flux))
        for name in ("ra", "dec")
    )
    inside = cone.contains(ra, dec)
    if not inside.any():
        raise NotHeldError(_nearest(cone, ra, dec))
    return inside


def _cut_slit(
    slits: SlitProduct, slit: int, box: Box, dropped: frozenset[Axis]
) -> list[ArrayColumn]:
    axes = slits.slits[slit].axes
    columns = slits.slit_columns(slit)
    images = slits.images(slit)
    made_here = columns[: len(columns) - len(images)]
    along: Axis = "x" if slits.dispersion_axis(slits.slits[slit]) == 1 else "y"
    cut = [
        cut_array(c, box[along]) if len(c.shape) == 1 else cut_array(c, *box.values())
        for c in made_here
    ]
    cut = [c if len(c.shape) == 1 else without_axes(c, box, dropped) for c in cut]
    for column, hdu in zip(columns[len(made_here) :], images, strict=True):
        part = cut_image(column, hdu, box, axes)
        cut.append(without_axes(part, box, dropped) if part is not column else part)
    return cut


def _binned_slit(
    slits: SlitProduct, slit: int, cutout: Cutout, box: Box, inside: Array | None
) -> list[ArrayColumn]:
    binning = cutout.binning
    assert binning is not None  # noqa: S101
    along: Axis = "x" if slits.dispersion_axis(slits.slits[slit]) == 1 else "y"
    groups = _groups(binning, box, along)
    gone = collapsed(binning, along)
    if cutout.spectrum is not None:
        gone |= {"y" if along == "x" else "x"}
    block = slits.block(slit)
    found = bin_box(iter([block]), box, along, binning, inside)
    values = {"wavelength": _mean_wavelength(slits, slit, box, along, groups[along].size)}
    return _columns_of(cutout, slits, values | found, box, gone)


def _mean_wavelength(
    slits: SlitProduct, slit: int, box: Box, along: Axis, size: int | None
) -> Array:
    """Return the wavelength of each group along the dispersion: the mean of all rows cut."""
    wavelength = slits.wavelength(slit)[1]
    part = box[along]
    if wavelength.ndim > 1:
        rows = _in_rows(wavelength[tuple(slice(r.start, r.stop) for r in box.values())], along)
        finite = np.isfinite(rows)
        with np.errstate(invalid="ignore"):
            cut = np.where(finite, rows, 0).sum(axis=0) / finite.sum(axis=0)
    else:
        cut = wavelength[part.start : part.stop]
    return group_means(cut, Groups(size, len(part)))
