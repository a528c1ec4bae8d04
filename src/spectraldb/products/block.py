"""A block of spectra of a product, in the form in which pixels are searched."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from spectraldb.arrays import Array

Axis = Literal["x", "y", "z"]
"""An axis of a product's arrays; x is the fastest."""


@dataclass(frozen=True)
class Block:
    """Consecutive spectra of one product.

    Arrays are of shape (spectra, pixels); `wavelength` may be (1, pixels) where all share it.
    """

    first: int
    """Number of the first spectrum in the product."""
    wavelength: Array
    """In micron."""
    flux: Array
    flux_err: Array
    inside: Array
    """Mask of the pixels that are no padding: within a spectrum's length, of an image with data."""
    good: Array
    """Mask of the good pixels."""
    axis: Axis
    """The axis of the product along which the spectra run."""
    spectra: dict[str, Any]
    """Columns of SpectralCharacteristics by API name: one value for all, or an array of each."""
    dq: Array | None = None
    extra: dict[str, Array] = field(default_factory=dict)
    """Other pixel columns by API name."""
    x: Array | None = None
    """Index of each spectrum along x, shape (spectra,); None for 1-D spectra and along x."""
    y: Array | None = None
    """Index of each spectrum along y, shape (spectra,); None for 1-D spectra and along y."""

    @property
    def numbers(self) -> Array:
        """The numbers of the spectra in the product, shape (spectra,)."""
        return np.arange(self.first, self.first + self.flux.shape[0], dtype="i4")

    @property
    def stored(self) -> Array:
        """Mask of the pixels that have a value and so can be found, shape (spectra, pixels)."""
        return self.inside & np.isfinite(self.flux)
