"""Cut-outs of rectified 2-D spectra: of the only slit, or of the slit of a spectrum."""

from dataclasses import dataclass

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binned_columns import binned_box_columns
from spectraldb.cutouts.binning import AxisGroups, GroupGrid, axis_groups
from spectraldb.cutouts.boxes import (
    Box,
    Selection,
    describe_limits,
    empty_cone,
    in_limits,
    pixel_index,
    select_box,
    shrink,
    slices,
)
from spectraldb.cutouts.columns import cut_array, cut_image, drop_axes
from spectraldb.cutouts.good_mask import slit_good, wants_good
from spectraldb.cutouts.part import Part
from spectraldb.cutouts.pixel_sums import bin_box
from spectraldb.cutouts.request import Binning, Cutout
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis
from spectraldb.products.slits import SlitProduct
from spectraldb.sky import Cone


@dataclass(frozen=True)
class _Slit:
    """A slit of a product and its axes."""

    product: SlitProduct
    number: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape (ny, nx) of the images."""
        return self.product.slits[self.number].shape

    @property
    def along(self) -> Axis:
        """The dispersion axis."""
        return self.product.slit_dispersion(self.number)

    @property
    def across(self) -> Axis:
        """The other axis."""
        return "y" if self.along == "x" else "x"

    @property
    def wavelength(self) -> Array:
        """Wavelengths in micron: shape (pixels,) if common to all rows, else (ny, nx)."""
        return self.product.wavelength(self.number)[1]

    def in_rows(self, image: Array) -> Array:
        """Return an image with one spectrum per row, shape (spectra, pixels)."""
        return self.product.along_dispersion(self.number, image)


def cut_slit(product: SlitProduct, cutout: Cutout) -> Part:
    """Return a part of a 2-D spectrum; raises the errors of `part_of`."""
    number, row = (0, None) if cutout.spectrum is None else product.find(cutout.spectrum)
    slit = _Slit(product, number)
    selection = _select(slit, cutout, row)
    box = selection.box
    if cutout.binning:
        groups = axis_groups(cutout.binning, {a: len(r) for a, r in box.items()}, slit.along)
        columns = _binned_columns(slit, selection, GroupGrid(groups), cutout.binning)
        return Part(columns, [], box, pixel_index(box, groups, selection.dropped))
    columns = _cut_columns(slit, selection)
    if wants_good(cutout):
        columns.append(drop_axes(slit_good(product, number, box), box, selection.dropped))
    return Part(columns, [], box if cutout.cuts else {}, pixel_index(box, None, selection.dropped))


def _select(slit: _Slit, cutout: Cutout, row: int | None) -> Selection:
    fixed: dict[Axis, int] = {} if row is None else {slit.across: row}
    ny, nx = slit.shape
    box = select_box(slit.product.file_name, cutout, {"y": ny, "x": nx}, fixed)
    inside = None
    if cutout.cone:
        inside = _rows_in_cone(slit, cutout.cone)
        box[slit.across] = shrink(box[slit.across], inside, "a position in the circle")
    if cutout.wavelength:
        box[slit.along] = _shrink_to_wavelength(slit, box, cutout.wavelength)
    return Selection(box, slit.along, inside, frozenset(fixed))


def _rows_in_cone(slit: _Slit, cone: Cone) -> Array:
    """Return the mask of the rows whose middle is in a cone; raise NotHeldError if none is."""
    block = slit.product.block(slit.number)
    ra, dec = (
        np.broadcast_to(np.asarray(block.spectra[name], "f8"), len(block.flux))
        for name in ("ra", "dec")
    )
    inside = cone.contains(ra, dec)
    if not inside.any():
        raise empty_cone(cone, ra, dec)
    return inside


def _shrink_to_wavelength(slit: _Slit, box: Box, limits: tuple[float, float]) -> range:
    """Return the range of pixels that have a wavelength within limits in any row of a box."""
    wavelength = slit.wavelength
    rows = wavelength[np.newaxis]
    if wavelength.ndim > 1:
        across = box[slit.across]
        rows = slit.in_rows(wavelength)[across.start : across.stop]
    wanted = np.asarray(in_limits(rows, limits).any(axis=0))
    return shrink(box[slit.along], wanted, describe_limits(limits, rows))


def _cut_columns(slit: _Slit, selection: Selection) -> list[ArrayColumn]:
    box, dropped = selection.box, selection.dropped
    columns, images = slit.product.slit_columns(slit.number), slit.product.images(slit.number)
    n_computed = len(columns) - len(images)
    cut = [
        cut_array(column, box[slit.along])
        if len(column.shape) == 1
        else drop_axes(cut_array(column, *box.values()), box, dropped)
        for column in columns[:n_computed]
    ]
    cut += [
        cut_image(column, hdu, box, slit.shape, dropped)
        for column, hdu in zip(columns[n_computed:], images, strict=True)
    ]
    return cut


def _binned_columns(
    slit: _Slit, selection: Selection, grid: GroupGrid, binning: Binning
) -> list[ArrayColumn]:
    blocks = [slit.product.block(slit.number)]
    values = {"wavelength": _mean_wavelength(slit, selection.box, grid.groups[slit.along])}
    values |= bin_box(blocks, selection, grid, total=binning.total)
    return binned_box_columns(values, slit.product.units["flux"], selection, grid, binning)


def _mean_wavelength(slit: _Slit, box: Box, groups: AxisGroups) -> Array:
    """Return the mean wavelength of each group along the dispersion, over all rows of the box."""
    wavelength, along = slit.wavelength, box[slit.along]
    if wavelength.ndim == 1:
        return groups.means(wavelength[along.start : along.stop])
    rows = slit.in_rows(wavelength[slices(box)])
    finite = np.isfinite(rows)
    with np.errstate(invalid="ignore"):
        return groups.means(np.where(finite, rows, 0).sum(axis=0) / finite.sum(axis=0))
