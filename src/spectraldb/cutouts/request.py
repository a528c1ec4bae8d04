"""A request for a part of a product: what to cut out, and how to combine pixels."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from spectraldb.errors import BadQueryError
from spectraldb.products.block import Axis
from spectraldb.sky import Cone


@dataclass(frozen=True)
class Binning:
    """How pixels are combined: by their mean, or by their sum if `total`."""

    sizes: Mapping[str, int | None]
    """Pixels per group by axis, None for all; x, y, z, or wavelength for the dispersion axis."""
    total: bool = False


@dataclass(frozen=True)
class Cutout:
    """A part of a product; the default is the whole product."""

    spectrum: int | None = None
    ranges: Mapping[Axis, tuple[int, int]] = field(default_factory=dict)
    """First and last index along an axis, both included."""
    wavelength: tuple[float, float] | None = None
    """Lowest and highest wavelength, in micron, both included."""
    cone: Cone | None = None
    columns: tuple[str, ...] = ()
    """Names of the arrays wanted; all if empty."""
    binning: Binning | None = None

    @property
    def cuts(self) -> bool:
        """Whether pixels are left out, other than those of other spectra, or combined."""
        return bool(self.ranges or self.wavelength or self.cone or self.binning)

    def indices(self, axis: Axis, length: int) -> range:
        """Return the indices wanted along an axis of a length.

        Raises
        ------
        BadQueryError
            If they are not all on the axis.
        """
        first, last = self.ranges.get(axis, (0, length - 1))
        if last >= length:
            raise BadQueryError(f"{axis}: Must be between 0 and {length - 1}, but is {last}.")
        return range(first, last + 1)


WHOLE = Cutout()
