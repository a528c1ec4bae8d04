"""Shapes of spectra: continua, lines and features per unit frequency, by wavelength in um."""

from collections.abc import Iterable, Mapping

import numpy as np

from spectraldb.sample.grids import line_width
from spectraldb.sample.lines import PAH
from spectraldb.sample.measured import Array

LIGHT_UM_HZ = 2.99792458e14
"""Speed of light, um/s (exact)."""
LIGHT_KM_S = 2.99792458e5
"""Speed of light, km/s (exact)."""
RADIATION_UM_K = 14387.76877
"""Second radiation constant hc/k, um K (CODATA 2018)."""
JY_PER_SI = 1e26
"""Jansky per W m^-2 Hz^-1 (exact)."""
FWHM_PER_SIGMA = 2.3548200450309493
"""Full width at half maximum of a Gaussian over its standard deviation, sqrt(8 ln 2)."""


def blackbody(wavelength: Array, temperature: float, pivot: float) -> Array:
    """Return Planck's law per unit frequency for a temperature (K), 1 at the pivot (um)."""

    def planck(at: Array) -> Array:
        value: Array = 1 / (at**3 * np.expm1(RADIATION_UM_K / (at * temperature)))
        return value

    out: Array = planck(wavelength) / planck(np.array(pivot))
    return out


def gaussian(x: Array, centre: float | Array, fwhm: float | Array) -> Array:
    """Return a Gaussian of height 1."""
    return np.exp(-0.5 * np.square((x - centre) / fwhm * FWHM_PER_SIGMA))


def line_peak(centre: float | Array, flux: float | Array, fwhm: float | Array) -> Array:
    """Return the peak flux density (Jy) of a Gaussian line: flux in W m^-2, lengths in um.

    The width in frequency is c dlambda / lambda^2, and a Gaussian's area is sqrt(2 pi) sigma times
    its height.
    """
    sigma_hz = LIGHT_UM_HZ * np.asarray(fwhm) / FWHM_PER_SIGMA / np.square(centre)
    peak: Array = JY_PER_SI * np.asarray(flux) / (np.sqrt(2 * np.pi) * sigma_hz)
    return peak


def emission(
    wavelength: Array, lines: Mapping[float, float], redshift: float = 0, shift: Array | None = None
) -> Array:
    """Return the sum of emission lines, each as wide as the resolution of the grid.

    Parameters
    ----------
    wavelength : array, shape (n,)
        Ascending, um.
    lines : mapping of float to float
        Rest wavelength (um) to flux (W m^-2).
    redshift : float
        Redshift of the source.
    shift : array of any shape, optional
        Velocities along the line of sight (km/s) in addition to the redshift, for example a map.

    Returns
    -------
    array, shape (n,) + shift.shape
        Flux density, Jy.
    """
    velocity = np.zeros(()) if shift is None else shift
    grid = wavelength.reshape(-1, *(1 for _ in velocity.shape))
    widths = line_width(wavelength)
    out = np.zeros((wavelength.size, *velocity.shape))
    for rest, flux in lines.items():
        centre = rest * (1 + redshift) * (1 + velocity / LIGHT_KM_S)
        if wavelength[0] < rest * (1 + redshift) < wavelength[-1]:
            width = np.interp(centre, wavelength, widths)
            out += line_peak(centre, flux, width) * gaussian(grid, centre, width)
    return out


def absorption(wavelength: Array, centres: Iterable[float], depth: float, width: float) -> Array:
    """Return the transmission (0 to 1) of Lorentzian lines of one depth and width (FWHM, um)."""
    out = np.ones_like(wavelength)
    for centre in centres:
        out *= 1 - depth / (1 + np.square(2 * (wavelength - centre) / width))
    return out


def dust_features(wavelength: Array, redshift: float = 0) -> Array:
    """Return aromatic dust features, relative to the peak of the one at 7.60 um, as Drude profiles.

    The profile is g^2 / ((x - 1/x)^2 + g^2) with x = lambda / centre and g the fractional width
    (Smith et al. 2007, equation 3).
    """
    out = np.zeros_like(wavelength)
    for centre, (fraction, peak) in PAH.items():
        ratio = wavelength / (1 + redshift) / centre
        out += peak * fraction**2 / (np.square(ratio - 1 / ratio) + fraction**2)
    return out


def silicate(wavelength: Array, depth: float, redshift: float = 0) -> Array:
    """Return the transmission of the silicate feature.

    The optical depth is a Gaussian at 9.7 um with a width (FWHM) of 2.3 um.
    """
    return np.exp(-depth * gaussian(wavelength / (1 + redshift), 9.7, 2.3))
