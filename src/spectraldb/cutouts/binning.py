"""Groups of pixels that are combined along the axes of a product."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.request import Binning
from spectraldb.errors import BadQueryError
from spectraldb.products.block import Axis


@dataclass(frozen=True)
class AxisGroups:
    """Groups of consecutive pixels along one axis of a cut-out."""

    size: int | None
    """Pixels per group; None for a single group of all pixels."""
    length: int
    """Number of pixels along the axis."""

    @property
    def count(self) -> int:
        """Number of groups; the last one can be smaller than the others."""
        return 1 if self.size is None else -(-self.length // self.size)

    def group_of(self, index: Array) -> Array:
        """Return the group number of each index relative to the start of the cut-out."""
        return np.asarray(index * 0 if self.size is None else index // self.size)

    def means(self, values: Array) -> Array:
        """Return the mean of each group of a 1-D array, ignoring NaN; NaN if all values are NaN.

        Parameters
        ----------
        values
            Shape (length,).

        Returns
        -------
        Array
            Shape (count,).
        """
        if self.size == 1:
            return values
        finite = np.isfinite(values)
        group = self.group_of(np.arange(len(values)))[finite]
        total = np.bincount(group, values[finite], minlength=self.count)
        with np.errstate(invalid="ignore"):
            return np.asarray(total / np.bincount(group, minlength=self.count))


@dataclass(frozen=True)
class GroupGrid:
    """Groups along every axis of a box, numbered together in C order."""

    groups: dict[Axis, AxisGroups]
    """Groups by axis, slowest axis first."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of groups along each axis."""
        return tuple(groups.count for groups in self.groups.values())

    @cached_property
    def _strides(self) -> dict[Axis, int]:
        strides = np.cumprod([1, *self.shape[:0:-1]])[::-1].tolist()
        return dict(zip(self.groups, strides, strict=True))

    def offset(self, axis: Axis, index: Array) -> Array:
        """Return the contribution of indices along one axis to the group number."""
        return self.groups[axis].group_of(index) * self._strides[axis]


def axis_groups(
    binning: Binning, lengths: dict[Axis, int], dispersion: Axis
) -> dict[Axis, AxisGroups]:
    """Return the groups along each axis; axes that are not combined have groups of one pixel.

    Parameters
    ----------
    binning
        The request.
    lengths
        Number of pixels of the cut-out along each axis.
    dispersion
        The axis to which `wavelength` refers.

    Raises
    ------
    BadQueryError
        If the product has no such axis, or an axis is specified twice.
    """
    sizes: dict[str, int | None] = {}
    for name, size in binning.sizes.items():
        axis = dispersion if name == "wavelength" else name
        if axis not in lengths:
            raise BadQueryError(
                f"bin: The product has no axis {name!r}. Axes: {', '.join(lengths)}."
            )
        if axis in sizes:
            raise BadQueryError(
                f"bin: {axis} and wavelength are the same axis here. Specify one of them."
            )
        sizes[axis] = size
    return {axis: AxisGroups(sizes.get(axis, 1), n) for axis, n in lengths.items()}


def mean_angles(angles: Array, rows: int | None, columns: int | None) -> Array:
    """Return the mean of each group of an image of angles, which may cross 360 degrees.

    Parameters
    ----------
    angles
        In degrees, shape (ny, nx), all within 180 degrees of the first.
    rows, columns
        Sizes of the groups along y and x; None for a single group.
    """
    reference = angles.flat[0]
    offsets = (angles - reference + 180.0) % 360.0 - 180.0
    for axis, size in enumerate((rows, columns)):
        length = offsets.shape[axis]
        starts = np.arange(0, length, size or length)
        counts = np.diff([*starts, length])
        shape = (-1, 1) if axis == 0 else (1, -1)
        offsets = np.add.reduceat(offsets, starts, axis=axis) / counts.reshape(shape)
    return np.asarray(reference + offsets)
