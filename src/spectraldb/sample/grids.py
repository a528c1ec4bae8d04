"""Wavelength grids of the JWST dispersers."""

from collections.abc import Mapping

import numpy as np

from spectraldb.sample.measured import Array

PIXELS_PER_FWHM = 2.2
"""Width of an unresolved line; 2 to 2.5 pixels in most JWST modes."""

PRISM_STEPS = {
    0.6: 0.0040,
    0.85: 0.0101,
    1.28: 0.0188,
    1.86: 0.0197,
    2.40: 0.0166,
    2.87: 0.0143,
    3.63: 0.0114,
    4.25: 0.0096,
    4.80: 0.0085,
    5.35: 0.0075,
}
"""Wavelength (um) to dispersion (um per pixel) of the NIRSpec PRISM, as in a MOS product."""

LRS_STEPS = {
    5.0: 0.046,
    6.0: 0.036,
    8.0: 0.026,
    10.0: 0.021,
    12.0: 0.018,
    14.0: 0.016,
}
"""Wavelength (um) to dispersion (um per pixel) of the MIRI LRS, largest at 5 um."""


def dispersed(low: float, high: float, count: int, steps: Mapping[float, float]) -> Array:
    """Return a wavelength grid like that of a disperser.

    Parameters
    ----------
    low, high : float
        First and last wavelength, um.
    count : int
        Number of pixels.
    steps : mapping of float to float
        Wavelength (um), ascending, to the relative size of a pixel (um).

    Returns
    -------
    array, shape (count,)
        Ascending wavelengths, um.
    """
    fine = np.linspace(low, high, 20 * count)
    per_um = 1 / np.interp(fine, list(steps), list(steps.values()))
    pixel = np.concatenate([[0.0], np.cumsum((per_um[1:] + per_um[:-1]) / 2)])
    return np.interp(np.linspace(0, pixel[-1], count), pixel, fine)


def line_width(wavelength: Array) -> Array:
    """Return the FWHM (um) of an unresolved line at each pixel of a grid (um)."""
    return PIXELS_PER_FWHM * np.abs(np.gradient(wavelength))
