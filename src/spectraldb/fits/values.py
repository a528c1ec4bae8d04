"""Conversion of array values on disk to physical values."""

import numpy as np

from spectraldb.arrays import Array


def native(array: Array) -> Array:
    """Return an array in native byte order, with the same values."""
    return np.asarray(array, array.dtype.newbyteorder("="))


def physical_values(array: Array, scale: float, zero: float) -> Array:
    """Return ``zero + scale * array`` in native byte order (FITS standard 4.0, section 4.4.2.5).

    A zero point of half the range of a signed integer type is the convention for unsigned
    integers.  It is applied in integer arithmetic.

    Parameters
    ----------
    array
        Values as on disk, of any shape and byte order.
    scale, zero
        BSCALE and BZERO of an image, or TSCALn and TZEROn of a table column.
    """
    array = native(array)
    if scale == 1 and zero == 0:
        return array
    bits = array.dtype.itemsize * 8
    if scale == 1 and array.dtype.kind == "i" and zero == 2 ** (bits - 1):
        sign_bit = array.dtype.type(-(2 ** (bits - 1)))
        return np.asarray((array ^ sign_bit).view(f"u{array.dtype.itemsize}"))
    return array * scale + zero
