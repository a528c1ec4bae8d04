"""The exact ranges of each spectrum's stored pixels, by which a search passes spectra over."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.derive.statistics import pixel_snr
from spectraldb.schema.columns import RANGED

Values = Mapping[str, Array | None]


def ranges(pixels: Values, counts: Array) -> dict[str, pa.Array]:
    """Return the lowest and the highest value of each number, a value for each spectrum.

    Parameters
    ----------
    pixels
        Columns of SpectralPixel, spectrum after spectrum, shape (stored pixels,); None for those
        that the product does not have.
    counts
        How many stored pixels each spectrum has, shape (spectra,).

    Returns
    -------
    dict
        Columns of SpectralCharacteristics, shape (spectra,); null for a spectrum without a value.
    """
    filled = counts > 0
    starts = (np.cumsum(counts) - counts)[filled]
    found: dict[str, pa.Array] = {}
    for column in RANGED:
        values = _snr(pixels) if column.name == "snr" else pixels.get(column.name)
        if values is None or not len(values):
            continue
        # fmin and fmax pass over NaN, which is no value.
        found[f"{column.name}Low"] = _spread(np.fmin.reduceat(values, starts), filled)
        found[f"{column.name}High"] = _spread(np.fmax.reduceat(values, starts), filled)
    return found


def _snr(pixels: Values) -> Array | None:
    flux, error = pixels["flux"], pixels["fluxErr"]
    return None if flux is None or error is None else pixel_snr(flux, error)


def _spread(reduced: Array, filled: Array) -> pa.Array:
    values = np.zeros(len(filled), reduced.dtype)
    values[filled] = reduced
    return pa.array(values, mask=~filled | np.isnan(values))
