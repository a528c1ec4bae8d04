"""Cut-outs of 1-D products: selected or combined pixels of their spectra."""

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binned_columns import binned_column
from spectraldb.cutouts.binning import axis_groups
from spectraldb.cutouts.boxes import describe_limits, in_limits
from spectraldb.cutouts.columns import masked_column
from spectraldb.cutouts.good_mask import table_good, wants_good
from spectraldb.cutouts.part import Part
from spectraldb.cutouts.pixel_sums import PixelSums, bin_spectra
from spectraldb.cutouts.request import Binning, Cutout
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Block
from spectraldb.products.spectrum_metadata import SpectrumMetadata
from spectraldb.products.tables import TableProduct
from spectraldb.units import MICRON, to_micron

_VALUE_PAIRS = (("flux", "fluxErr"), ("surfBright", "sbErr"))

_NO_PIXEL = "The selected part of the product has no pixels."


def cut_table(table: TableProduct, cutout: Cutout) -> Part:
    """Return a part of a 1-D product; raises the errors of `part_of`."""
    columns = table.columns(cutout.spectrum)
    if wants_good(cutout) and not cutout.binning:
        columns = [*columns, table_good(table, cutout.spectrum)]
    spectra = table.spectra(cutout.spectrum)
    if not cutout.cuts:
        return Part(columns, spectra, {})
    _check_ranges(table, cutout, spectra)
    in_cone = _spectra_in_cone(cutout, spectra)
    selected = [each for each, wanted in zip(spectra, in_cone, strict=True) if wanted]
    if cutout.binning:
        return Part(_binned_columns(table, cutout, cutout.binning, selected), selected, {})
    mask = _pixel_mask(columns, cutout, spectra, in_cone)
    ranges = cutout.ranges
    return Part(
        [masked_column(column, mask) for column in columns],
        selected,
        {"x": range(ranges["x"][0], ranges["x"][1] + 1)} if ranges else {},
    )


def _integers(spectra: list[SpectrumMetadata], name: str) -> Array:
    return np.array([int(str(each[name])) for each in spectra], "i8")


def _check_ranges(table: TableProduct, cutout: Cutout, spectra: list[SpectrumMetadata]) -> None:
    for axis in cutout.ranges:
        if axis != "x":
            raise BadQueryError(
                f"{axis}: {table.file_name} has no such axis. Axes: x, the index along a spectrum."
            )
    if cutout.ranges:
        cutout.indices("x", int(_integers(spectra, "nPixels").max(initial=0)))


def _spectra_in_cone(cutout: Cutout, spectra: list[SpectrumMetadata]) -> Array:
    """Return the mask of the spectra in the cone; all spectra if there is no cone."""
    if cutout.cone is None:
        return np.ones(len(spectra), bool)
    ra, dec = (
        np.array([np.nan if each.get(name) is None else each[name] for each in spectra], "f8")
        for name in ("ra", "dec")
    )
    inside = cutout.cone.contains(ra, dec)
    if inside.any():
        return inside
    separation = cutout.cone.separation(ra, dec)
    nearest = (
        f"The nearest is {np.nanmin(separation) * 3600:.6g} arcsec away."
        if np.isfinite(separation).any()
        else "Their positions are unknown."
    )
    raise NotHeldError(f"radius: No spectrum of the product is in the circle. {nearest}")


def _pixel_mask(
    columns: list[ArrayColumn], cutout: Cutout, spectra: list[SpectrumMetadata], in_cone: Array
) -> Array:
    """Return the mask of the selected pixels of all spectra, concatenated."""
    lengths = _integers(spectra, "nPixels")
    mask = np.repeat(in_cone, lengths)
    if "x" in cutout.ranges:
        first, last = cutout.ranges["x"]
        index = np.arange(len(mask)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        mask &= (index >= first) & (index <= last)
    if cutout.wavelength:
        column = next(c for c in columns if c.name == "wavelength")
        wavelength = to_micron(column.read(), column.unit)
        mask &= in_limits(wavelength, cutout.wavelength)
        if not mask.any():
            limits = describe_limits(cutout.wavelength, wavelength)
            raise NotHeldError(f"No pixel in the selected part of the product has {limits}.")
    if not mask.any():
        raise NotHeldError(_NO_PIXEL)
    return mask


def _binned_columns(
    table: TableProduct, cutout: Cutout, binning: Binning, spectra: list[SpectrumMetadata]
) -> list[ArrayColumn]:
    size = axis_groups(binning, {"x": 1}, "x")["x"].size
    numbers = _integers(spectra, "spectrum")
    blocks = (block for block in table.blocks() if np.isin(block.numbers, numbers).any())
    binned = [_bin_block(block, cutout, numbers, size) for block in blocks]
    wavelength, spectrum, sums = zip(*binned, strict=True)
    if not sum(map(len, wavelength)):
        raise NotHeldError(_NO_PIXEL)
    units = table.units
    values: dict[str, tuple[Array, str]] = {}
    if cutout.spectrum is None and table.n_spectra > 1:
        values["spectrum"] = np.concatenate(spectrum).astype("i4"), ""
    values["wavelength"] = np.concatenate(wavelength), MICRON
    for i, names in enumerate(_VALUE_PAIRS[: min(map(len, sums))]):
        pairs = [each[i].values(total=binning.total) for each in sums]
        for name, arrays in zip(names, zip(*pairs, strict=True), strict=True):
            values[name] = np.concatenate(arrays), units.get(name, "")
    values["nGood"] = np.concatenate([each[0].n_good for each in sums]), ""
    return [binned_column(name, array, unit, binning) for name, (array, unit) in values.items()]


def _bin_block(
    block: Block, cutout: Cutout, numbers: Array, size: int | None
) -> tuple[Array, Array, list[PixelSums]]:
    """Return the wavelength, spectrum number and sums of each group of pixels of a block."""
    wavelength = np.broadcast_to(block.wavelength, block.flux.shape)
    wanted = block.inside & np.isin(block.numbers, numbers)[:, np.newaxis]
    if cutout.wavelength:
        wanted = wanted & in_limits(wavelength, cutout.wavelength)
    if "x" in cutout.ranges:
        index = np.arange(block.flux.shape[1])
        first, last = cutout.ranges["x"]
        wanted = wanted & ((index >= first) & (index <= last))
    values = [(block.flux, block.flux_err)]
    bright = block.extra.get("surfBright")
    if bright is not None:
        values.append((bright, block.extra.get("sbErr", np.full(bright.shape, np.nan))))
    means, sums, rows = bin_spectra(wavelength, values, wanted, block.good, size)
    return means, block.numbers[rows], sums
