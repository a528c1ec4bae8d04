"""Boxes of array indices: the geometry of cut-outs of images and cubes."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binning import AxisGroups
from spectraldb.cutouts.request import Cutout
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.products.block import Axis
from spectraldb.sky import Cone

Box = dict[Axis, range]
"""Range of indices along each axis of an image or a cube, slowest axis first."""

Index = dict[Axis, Array]
"""Index in the file of each pixel, or of the first pixel of each group, by remaining axis."""


@dataclass(frozen=True)
class Selection:
    """The pixels of an image or a cube that a cut-out selects."""

    box: Box
    dispersion: Axis
    inside: Array | None
    """Mask of the spectra in the cone, with the shape of the other axes; None for all spectra."""
    dropped: frozenset[Axis]
    """Axes that `spectrum` fixes at one index, and which arrays therefore do not have."""


def select_box(
    file_name: str, cutout: Cutout, lengths: dict[Axis, int], fixed: dict[Axis, int]
) -> Box:
    """Return the box selected by the index ranges and the spectrum of a cut-out.

    Parameters
    ----------
    file_name
        Name of the product, for error messages.
    cutout
        The request.
    lengths
        Length of each axis, slowest axis first.
    fixed
        Index of the spectrum along the axes that it fixes; empty if no spectrum is selected.

    Raises
    ------
    BadQueryError
        If the product has no such axis, or the spectrum fixes it.
    """
    for axis in cutout.ranges:
        if axis not in lengths:
            raise BadQueryError(
                f"{axis}: {file_name} has no such axis. Axes: {', '.join(lengths)}."
            )
        if axis in fixed:
            raise BadQueryError(
                f"{axis}: The parameter spectrum fixes this index. Specify one of them."
            )
    return {
        axis: range(fixed[axis], fixed[axis] + 1) if axis in fixed else cutout.indices(axis, length)
        for axis, length in lengths.items()
    }


def slices(box: Box) -> tuple[slice, ...]:
    """Return a box as an index of a numpy array."""
    return tuple(slice(indices.start, indices.stop) for indices in box.values())


def shrink(indices: range, wanted: Array, description: str) -> range:
    """Return the smallest part of a range that contains all wanted indices.

    Parameters
    ----------
    indices
        The range to shrink.
    wanted
        Mask of the wanted indices of the whole axis.
    description
        Description of the wanted pixels, for the error message.

    Raises
    ------
    NotHeldError
        If no index in the range is wanted.
    """
    found = np.flatnonzero(wanted[indices.start : indices.stop])
    if not found.size:
        raise NotHeldError(f"No pixel in the selected part of the product has {description}.")
    return range(indices.start + int(found[0]), indices.start + int(found[-1]) + 1)


def in_limits(wavelength: Array, limits: tuple[float, float]) -> Array:
    """Return the mask of the wavelengths in a range, both ends included."""
    with np.errstate(invalid="ignore"):
        return np.asarray((wavelength >= limits[0]) & (wavelength <= limits[1]))


def describe_limits(limits: tuple[float, float], wavelength: Array) -> str:
    """Describe a range of wavelengths and the available wavelengths, for an error message."""
    finite = wavelength[np.isfinite(wavelength) & (wavelength > 0)]
    available = f"{finite.min():.6g} to {finite.max():.6g} um" if finite.size else "none"
    return (
        f"a wavelength between {limits[0]:.6g} and {limits[1]:.6g} um. "
        f"Available wavelengths: {available}"
    )


def empty_cone(cone: Cone, ra: Array, dec: Array) -> NotHeldError:
    """Return the error for a cone without spectra, with the distance of the nearest spectrum."""
    separation = cone.separation(ra, dec)
    if not np.isfinite(separation).any():
        return NotHeldError("The positions of the product's spectra are unknown.")
    nearest = np.nanmin(separation) * 3600
    return NotHeldError(
        f"radius: No spectrum of the product is within {cone.radius * 3600:.6g} arcsec of the "
        f"position. The nearest is {nearest:.6g} arcsec away."
    )


def pixel_index(
    box: Box, groups: dict[Axis, AxisGroups] | None, dropped: Collection[Axis]
) -> Index:
    """Return the index in the file of each pixel or group, along the remaining axes."""
    steps = {axis: groups[axis].size if groups else 1 for axis in box}
    return {
        axis: np.array(box[axis][::step], "i4")
        for axis, step in steps.items()
        if step is not None and axis not in dropped
    }
