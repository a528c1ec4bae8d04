"""Quality of pixels: the masks of good pixels.

A level-3 DQ array alone is not enough: extractions before jwst 1.17.0 left it at 0 on bad rows,
whose flux is 0 and whose error is NaN.  A pixel is good if it passes every test that the arrays of
its product allow; a test whose array is missing from the file is skipped.
"""

import numpy as np

from spectraldb.arrays import Array

DO_NOT_USE = np.uint32(1)
"""Bit 0 of JWST's DQ flags."""


def good_1d(wavelength: Array, flux: Array, error: Array | None, dq: Array | None) -> Array:
    """Return the mask of good pixels of extracted spectra.

    Wavelength, flux and error are finite, the error is above 0 and DO_NOT_USE is not set.

    Parameters
    ----------
    wavelength, flux, error, dq
        Shapes that broadcast together; `error` and `dq` are None if the file has none.
    """
    return np.asarray(np.isfinite(wavelength) & _is_measured(flux, error) & _is_usable(dq))


def good_2d(wavelength: Array, flux: Array, error: Array | None, weight: Array | None) -> Array:
    """Return the mask of good pixels of rectified 2-D spectra.

    Wavelength, flux and error are finite and the weight is above 0; where there are no data the
    flux is 0 or NaN, depending on the release.

    Parameters
    ----------
    wavelength, flux, error, weight
        Shapes that broadcast together; `error` and `weight` are None if the file has none.
    """
    finite = np.isfinite(wavelength) & np.isfinite(flux)
    if error is not None:
        finite = finite & np.isfinite(error)
    return np.asarray(finite if weight is None else finite & (weight > 0))


def good_3d(flux: Array, error: Array | None, dq: Array | None, *, zero_is_empty: bool) -> Array:
    """Return the mask of good voxels of a cube.

    Flux and error are finite, the error is above 0 and DO_NOT_USE is not set.

    Parameters
    ----------
    flux, error, dq
        Of one shape; `error` and `dq` are None if the file has none.
    zero_is_empty
        Whether a flux of 0 means no data, as in cubes before jwst 1.9.0 (#7337).
    """
    good = _is_measured(flux, error) & _is_usable(dq)
    return np.asarray(good & (flux != 0) if zero_is_empty else good)


def _is_usable(dq: Array | None) -> Array | bool:
    return True if dq is None else (dq & DO_NOT_USE) == 0


def _is_measured(flux: Array, error: Array | None) -> Array:
    if error is None:
        return np.isfinite(flux)
    with np.errstate(invalid="ignore"):
        return np.isfinite(flux) & np.isfinite(error) & (error > 0)
