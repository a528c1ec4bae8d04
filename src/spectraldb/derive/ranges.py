"""Exact ranges of the stored pixels of each spectrum, used to prune spectra in searches."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.derive.statistics import pixel_snr
from spectraldb.schema.columns import RANGED

Values = Mapping[str, Array | None]


def ranges(pixels: Values, counts: Array) -> dict[str, pa.Array]:
    """Return the minimum and maximum of each numeric pixel column, by spectrum.

    Parameters
    ----------
    pixels
        Columns of SpectralPixel, ordered by spectrum, shape (stored pixels,); None for columns
        that the product does not have.
    counts
        Number of stored pixels of each spectrum, shape (spectra,).

    Returns
    -------
    dict
        Columns of SpectralCharacteristics, shape (spectra,); null for spectra without a value.
    """
    filled = counts > 0
    starts = (np.cumsum(counts) - counts)[filled]
    columns: dict[str, pa.Array] = {}
    for column in RANGED:
        values = _snr(pixels) if column.name == "snr" else pixels.get(column.name)
        if values is None or not len(values):
            continue
        # fmin and fmax ignore NaN, which stands for a missing value.
        columns[f"{column.name}Low"] = _with_nulls(np.fmin.reduceat(values, starts), filled)
        columns[f"{column.name}High"] = _with_nulls(np.fmax.reduceat(values, starts), filled)
    return columns


def _snr(pixels: Values) -> Array | None:
    flux, error = pixels["flux"], pixels["fluxErr"]
    return None if flux is None or error is None else pixel_snr(flux, error)


def _with_nulls(reduced: Array, filled: Array) -> pa.Array:
    """Expand values of the spectra with pixels to a column of all spectra, null elsewhere."""
    values = np.zeros(len(filled), reduced.dtype)
    values[filled] = reduced
    return pa.array(values, mask=~filled | np.isnan(values))
