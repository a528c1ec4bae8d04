"""Conversion of array values on disk to physical values."""

import numpy as np

from spectraldb.arrays import Array


def native(array: Array) -> Array:
    """Return an array in native byte order, with the same values."""
    return np.asarray(array, array.dtype.newbyteorder("="))


def physical_values(array: Array, scale: float, zero: float, null: int | None = None) -> Array:
    """Return ``zero + scale * array`` in native byte order (FITS standard 4.0, section 4.4.2.5).

    A zero point of half the range of a signed integer type is the convention for unsigned
    integers.  It is applied in integer arithmetic.

    Parameters
    ----------
    array
        Values as on disk, of any shape and byte order.
    scale, zero
        BSCALE and BZERO of an image, or TSCALn and TZEROn of a table column.
    null
        BLANK of an image, or TNULLn of a table column: the integer on disk that stands for
        a missing value.  If there is one, the result is in double precision, with NaN for missing
        values.
    """
    array = native(array)
    if null is not None and array.dtype.kind in "iu":
        return np.where(array == null, np.nan, array * scale + zero)
    if scale == 1 and zero == 0:
        return array
    bits = array.dtype.itemsize * 8
    if scale == 1 and array.dtype.kind == "i" and zero == 2 ** (bits - 1):
        sign_bit = array.dtype.type(-(2 ** (bits - 1)))
        return np.asarray((array ^ sign_bit).view(f"u{array.dtype.itemsize}"))
    return array * scale + zero
