"""Blocks of spectra of a product, in the form in which pixels are searched."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from spectraldb.arrays import Array

Axis = Literal["x", "y", "z"]
"""Axis of a product's arrays; x is the fastest-varying axis."""


@dataclass(frozen=True)
class Block:
    """Consecutive spectra of one product.

    Arrays have shape (spectra, pixels); `wavelength` has shape (1, pixels) if all spectra share it.
    """

    first: int
    """Number of the first spectrum in the product."""
    wavelength: Array
    """In micron."""
    flux: Array
    flux_err: Array
    inside: Array
    """Mask of the pixels that are not padding: in the spectrum, or with data in an image."""
    good: Array
    """Mask of the good pixels."""
    axis: Axis
    """Dispersion axis of the spectra in the product."""
    spectra: dict[str, Any]
    """Columns of SpectralCharacteristics by API name: one value for all, or one per spectrum."""
    dq: Array | None = None
    extra: dict[str, Array] = field(default_factory=dict)
    """Other pixel columns by API name."""
    x: Array | None = None
    """Index along x of each spectrum, shape (spectra,); None for 1-D spectra or if `axis` is x."""
    y: Array | None = None
    """Index along y of each spectrum, shape (spectra,); None for 1-D spectra or if `axis` is y."""

    @property
    def numbers(self) -> Array:
        """The numbers of the spectra in the product, shape (spectra,)."""
        return np.arange(self.first, self.first + self.flux.shape[0], dtype="i4")

    @property
    def stored(self) -> Array:
        """Mask of the pixels with a flux, which the lake stores, shape (spectra, pixels)."""
        return self.inside & np.isfinite(self.flux)
