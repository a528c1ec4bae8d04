"""The true lengths of spectra in vector tables, whose rows are padded to the longest."""

import numpy as np

from spectraldb.products.fitsfile import Array, Hdu


def lengths(hdu: Hdu, rows: Array) -> Array:
    """Return the true length of the spectrum in each row of a vector table."""
    width = hdu.row_dtype["WAVELENGTH"].shape[0]
    field = next((f for f in hdu.fields if f.name == "N_ALONGDISP"), None)
    if field is None:
        return np.full(len(rows), width)
    return np.asarray(np.minimum(hdu.values(field, rows).astype("i8"), width))


def inside(hdu: Hdu, rows: Array) -> Array:
    """Return which pixels of a vector table are no padding, shape (rows, pixels)."""
    width = hdu.row_dtype["WAVELENGTH"].shape[0]
    return np.asarray(np.arange(width) < lengths(hdu, rows)[:, np.newaxis])
