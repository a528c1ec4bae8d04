"""Values with the variances that JWST products carry."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

FLAT_FRACTION = 0.002
"""Uncertainty of the flat field as a fraction of the signal."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Values and their three variance parts: arrays of one shape, in a unit and its square."""

    value: Array
    poisson: Array
    rnoise: Array
    flat: Array

    @property
    def error(self) -> Array:
        """The standard deviation."""
        return np.sqrt(self.poisson + self.rnoise + self.flat)

    def scaled(self, factor: float | Array) -> "Measured":
        """Return the values multiplied by a factor without uncertainty."""
        square = np.square(factor)
        return Measured(
            self.value * factor, self.poisson * square, self.rnoise * square, self.flat * square
        )

    def where(self, good: Mask) -> "Measured":
        """Return the values with all but the good ones replaced by NaN."""
        parts = (self.value, self.poisson, self.rnoise, self.flat)
        return Measured(*(np.where(good, part, np.nan) for part in parts))

    def total(self, axis: int | tuple[int, ...]) -> "Measured":
        """Return the sum along an axis, ignoring NaN; NaN if all values are NaN."""
        empty = np.isnan(self.value).all(axis=axis)
        parts = (self.value, self.poisson, self.rnoise, self.flat)
        return Measured(*(np.where(empty, np.nan, np.nansum(part, axis=axis)) for part in parts))


def observe(
    truth: Array, rng: np.random.Generator, *, floor: float | Array, gain: float
) -> Measured:
    """Add noise to a true signal.

    Parameters
    ----------
    truth : array
        The signal without noise, any shape and unit.
    rng : numpy.random.Generator
        Random generator for the noise.
    floor : float or array
        Standard deviation at zero signal (read noise, dark, sky), in the unit of `truth`.
    gain : float
        Variance per signal of the Poisson noise, in the unit of `truth`.
    """
    poisson = gain * np.abs(truth)
    rnoise = np.broadcast_to(np.square(floor), truth.shape).copy()
    flat = np.square(FLAT_FRACTION * truth)
    noise = rng.standard_normal(truth.shape) * np.sqrt(poisson + rnoise + flat)
    return Measured(truth + noise, poisson, rnoise, flat)
