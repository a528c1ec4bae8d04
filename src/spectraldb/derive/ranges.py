"""The exact ranges of each spectrum's stored pixels, by which a search passes spectra over."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from spectraldb.products.fitsfile import Array
from spectraldb.vocabulary import RANGED

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
    """Return flux / fluxErr as a search computes it: in double precision, none where it is 0."""
    flux, error = pixels["flux"], pixels["fluxErr"]
    if flux is None or error is None:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        signal, noise = np.asarray(flux, "f8"), np.asarray(error, "f8")
        ratio: Array = np.divide(signal, noise, out=np.full(len(signal), np.nan), where=noise != 0)
    return ratio


def _spread(reduced: Array, filled: Array) -> pa.Array:
    values = np.zeros(len(filled), reduced.dtype)
    values[filled] = reduced
    return pa.array(values, mask=~filled | np.isnan(values))
