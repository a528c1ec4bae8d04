"""Which pixels are good.

A level-3 DQ alone does not tell: extractions before jwst 1.17.0 left it at 0 on bad rows, whose
flux is 0 and whose error is NaN.  A pixel is good if every test that its product allows passes;
a test whose array the file lacks is not made.
"""

import numpy as np

from spectraldb.arrays import Array

DO_NOT_USE = np.uint32(1)


def usable(dq: Array | None) -> Array | bool:
    """Return where DO_NOT_USE (bit 0 of JWST's DQ) is not set."""
    return True if dq is None else (dq & DO_NOT_USE) == 0


def good_1d(wavelength: Array, flux: Array, error: Array | None, dq: Array | None) -> Array:
    """Return where wavelength, flux and error are finite, the error is above 0, DQ allows it."""
    return np.asarray(np.isfinite(wavelength) & _measured(flux, error) & usable(dq))


def good_2d(wavelength: Array, flux: Array, error: Array | None, weight: Array | None) -> Array:
    """Return where there is weight and all is finite; no-data is 0 or NaN, by release."""
    finite = np.isfinite(wavelength) & np.isfinite(flux)
    if error is not None:
        finite = finite & np.isfinite(error)
    return np.asarray(finite if weight is None else finite & (weight > 0))


def good_3d(flux: Array, error: Array | None, dq: Array | None, *, zero_is_empty: bool) -> Array:
    """Return where flux and error are finite, the error is above 0 and DQ allows it.

    Cubes made before jwst 1.9.0 hold 0 where there is no data (#7337).
    """
    good = _measured(flux, error) & usable(dq)
    return np.asarray(good & (flux != 0) if zero_is_empty else good)


def _measured(flux: Array, error: Array | None) -> Array:
    if error is None:
        return np.isfinite(flux)
    with np.errstate(invalid="ignore"):
        return np.isfinite(flux) & np.isfinite(error) & (error > 0)
