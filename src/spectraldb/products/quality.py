"""Pixel quality: masks of good pixels.

The DQ array of level-3 products is not sufficient: before jwst 1.17.0, extractions left it at 0 on
bad rows, which have a flux of 0 and an error of NaN.  A pixel is good if it passes all tests; a
test is skipped if the file does not have its array.
"""

from collections.abc import Iterable

import numpy as np

from spectraldb.arrays import Array

DO_NOT_USE = np.uint32(1)
"""Bit 0 of JWST's DQ flags."""


def good_1d(wavelength: Array, flux: Array, error: Array | None, dq: Array | None) -> Array:
    """Return the mask of good pixels of extracted spectra.

    Wavelength, flux and error must be finite, the error positive and DO_NOT_USE not set.

    Parameters
    ----------
    wavelength, flux, error, dq
        Arrays that broadcast together; `error` and `dq` are None if the file does not have them.
    """
    return np.asarray(np.isfinite(wavelength) & _is_measured(flux, error) & _is_usable(dq))


def good_2d(wavelength: Array, flux: Array, error: Array | None, weight: Array | None) -> Array:
    """Return the mask of good pixels of rectified 2-D spectra.

    Wavelength, flux and error must be finite and the weight positive.  Where there are no data,
    the flux is 0 or NaN, depending on the release.

    Parameters
    ----------
    wavelength, flux, error, weight
        Arrays that broadcast together; `error` and `weight` are None if the file does not have
        them.
    """
    finite = np.isfinite(wavelength) & np.isfinite(flux)
    if error is not None:
        finite = finite & np.isfinite(error)
    return np.asarray(finite if weight is None else finite & (weight > 0))


def good_3d(flux: Array, error: Array | None, dq: Array | None, *, zero_is_empty: bool) -> Array:
    """Return the mask of good voxels of a cube.

    Flux and error must be finite, the error positive and DO_NOT_USE not set.

    Parameters
    ----------
    flux, error, dq
        Arrays of the same shape; `error` and `dq` are None if the file does not have them.
    zero_is_empty
        Whether a flux of 0 means no data, as in cubes before jwst 1.9.0 (#7337).
    """
    good = _is_measured(flux, error) & _is_usable(dq)
    return np.asarray(good & (flux != 0) if zero_is_empty else good)


def is_empty(chunks: Iterable[Array]) -> bool:
    """Return whether all values are 0 or NaN, as in errors that were never computed.

    Before jwst 1.2.0, the pipeline wrote errors of 0 throughout.  Such errors count as absent.

    Parameters
    ----------
    chunks
        Parts of the array, which are read only until a value is found.
    """
    return not any(np.any((chunk != 0) & ~np.isnan(chunk)) for chunk in chunks)


def integer_flags(dq: Array | None) -> Array | None:
    """Return DQ as unsigned integers; a missing value (NaN) is DO_NOT_USE.

    Some survey teams write floats or signed integers, whose sign is the flag of the highest bit,
    and an integer array can have missing values (BLANK, TNULL).
    """
    if dq is None or dq.dtype.kind in "ub":
        return dq
    if dq.dtype.kind == "i":
        unsigned = dq.view(f"u{dq.dtype.itemsize}")
        return unsigned if unsigned.dtype.itemsize <= 4 else unsigned.astype("u4")
    return np.where(np.isfinite(dq), dq, DO_NOT_USE).astype("u4")


def _is_usable(dq: Array | None) -> Array | bool:
    return True if dq is None else (dq & DO_NOT_USE) == 0


def _is_measured(flux: Array, error: Array | None) -> Array:
    if error is None:
        return np.isfinite(flux)
    with np.errstate(invalid="ignore"):
        return np.isfinite(flux) & np.isfinite(error) & (error > 0)
