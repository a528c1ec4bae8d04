"""Requests for a part of a product: what to cut out, and how to combine pixels."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spectraldb.errors import BadQueryError
from spectraldb.products.block import Axis
from spectraldb.sky import Cone


@dataclass(frozen=True)
class Binning:
    """Axes along which pixels are combined, by their mean or, if `total`, their sum."""

    sizes: Mapping[str, int | None]
    """Pixels per group, or None for all, by axis: x, y, z, or wavelength for the dispersion."""
    total: bool = False


@dataclass(frozen=True)
class Annulus:
    """A ring on the sky around the centre of a circle: its radii in degrees, both included."""

    inner: float
    outer: float


@dataclass(frozen=True)
class Cutout:
    """A part of a product; the default is the whole product."""

    spectrum: int | None = None
    ranges: Mapping[Axis, tuple[int, int]] = field(default_factory=dict)
    """First and last index along an axis, both included."""
    wavelength: tuple[float, float] | None = None
    """Minimum and maximum wavelength in micron, both included."""
    cone: Cone | None = None
    columns: tuple[str, ...] = ()
    """Names of the arrays to return; all arrays if empty."""
    binning: Binning | None = None
    annulus: Annulus | None = None
    """Where to measure the background of an aperture on a cube."""

    @property
    def cuts(self) -> bool:
        """Whether the request cuts or combines pixels; a choice of `spectrum` does not count."""
        return bool(self.ranges or self.wavelength or self.cone or self.binning)

    def indices(self, axis: Axis, length: int) -> range:
        """Return the requested range of indices along an axis.

        Raises
        ------
        BadQueryError
            If the range exceeds the length of the axis.
        """
        first, last = self.ranges.get(axis, (0, length - 1))
        if last >= length:
            raise BadQueryError(f"{axis}: Must be between 0 and {length - 1}, but is {last}.")
        return range(first, last + 1)


WHOLE = Cutout()
