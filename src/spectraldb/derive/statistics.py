"""Statistics of spectra.  Functions take many spectra: arrays of shape (spectra, pixels)."""

import numpy as np

from spectraldb.arrays import Array

NOISE_FACTOR = 1.482602 / np.sqrt(6.0)
"""Converts the median absolute third-order difference to sigma (Stoehr et al. 2008, eq. 1)."""

MIN_DIFFERENCES = 3


def median(values: Array, mask: Array) -> Array:
    """Return the median of the masked values of each spectrum.

    Parameters
    ----------
    values
        Shape (spectra, pixels).
    mask
        Mask of the values to use, of the same shape; they must not be NaN.

    Returns
    -------
    Array
        Shape (spectra,); NaN where the mask is empty.
    """
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    ordered = np.where(mask, values, np.inf)
    ordered.sort(axis=1)
    count = np.count_nonzero(mask, axis=1)
    rows = np.arange(len(ordered))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, ordered.shape[1] - 1)
    middle = (ordered[rows, low].astype("f8") + ordered[rows, high]) / 2
    return np.where(count > 0, middle, np.nan)


def lowest(values: Array, mask: Array) -> Array:
    """Return the minimum of the masked values of each spectrum, shape (spectra,); NaN if none."""
    minima = np.where(mask, values, np.inf).min(axis=1, initial=np.inf)
    return np.where(mask.any(axis=1), minima, np.nan)


def highest(values: Array, mask: Array) -> Array:
    """Return the maximum of the masked values of each spectrum, shape (spectra,); NaN if none."""
    maxima = np.where(mask, values, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(mask.any(axis=1), maxima, np.nan)


def der_snr(flux: Array, good: Array) -> Array:
    """Return DER_SNR, the signal-to-noise ratio of a spectrum from its flux alone.

    signal = median(f), noise = 1.482602 / sqrt(6) median(abs(2 f[i] - f[i-2] - f[i+2])), over
    the good pixels.  All three pixels of a difference must be good, so that the spacing is the
    same across gaps.  Pixels that are exactly 0 are ignored, as in the definition.

    Parameters
    ----------
    flux
        Flux in any unit, ordered by wavelength, shape (spectra, pixels).
    good
        Mask of the good pixels, shape (spectra, pixels).

    Returns
    -------
    Array
        Shape (spectra,).  NaN for spectra with fewer than 3 differences or with zero noise;
        negative if the median flux is negative.

    References
    ----------
    Stoehr, F. et al. 2008, "DER_SNR: A Simple & General Spectroscopic Signal-to-Noise
    Measurement Algorithm", ADASS XVII, ASP Conf. Ser. 394, 505.
    """
    if flux.shape[1] < 5:
        return np.full(len(flux), np.nan)
    used = good & (flux != 0) & ~np.isnan(flux)
    differences = _third_order_differences(flux)
    complete = used[:, 2:-2] & used[:, :-4] & used[:, 4:] & ~np.isnan(differences)
    noise = NOISE_FACTOR * median(differences, complete)
    enough = np.count_nonzero(complete, axis=1) >= MIN_DIFFERENCES
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(enough & (noise > 0), median(flux, used) / noise, np.nan)


def _third_order_differences(flux: Array) -> Array:
    """Return abs(2 f[i] - f[i-2] - f[i+2]), shape (spectra, pixels - 4)."""
    with np.errstate(invalid="ignore", over="ignore"):
        differences: Array = 2 * np.asarray(flux[:, 2:-2], "f8")
        differences -= flux[:, :-4]
        differences -= flux[:, 4:]
    np.abs(differences, out=differences)
    return differences


def pixel_snr(flux: Array, error: Array) -> Array:
    """Return flux / error as SQL computes it: in double precision, NaN where the error is 0.

    Parameters
    ----------
    flux, error
        Arrays of the same shape and unit.
    """
    signal, noise = np.asarray(flux, "f8"), np.asarray(error, "f8")
    with np.errstate(over="ignore", invalid="ignore"):
        ratio: Array = np.divide(signal, noise, out=np.full(signal.shape, np.nan), where=noise != 0)
    return ratio


def median_snr(flux: Array, error: Array, good: Array) -> Array:
    """Return the median of flux / error over the good pixels, shape (spectra,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.divide(flux, error, dtype="f8")
    return median(ratio, good & np.isfinite(ratio))


def sampling(wavelength: Array, inside: Array) -> Array:
    """Return the median wavelength step between adjacent pixels, shape (spectra,).

    Parameters
    ----------
    wavelength
        Wavelengths in ascending or descending order, shape (spectra, pixels).
    inside
        Mask of the pixels that are not padding, of the same shape.
    """
    if wavelength.shape[1] < 2:
        return np.full(len(wavelength), np.nan)
    steps = np.abs(np.diff(np.where(inside, wavelength, np.nan), axis=1))
    return median(steps, np.isfinite(steps))
