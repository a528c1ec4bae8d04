"""Statistics of the spectra in a block: columns of SpectralCharacteristics."""

import numpy as np

from spectraldb.arrays import Array
from spectraldb.derive import statistics
from spectraldb.products.block import Block

Columns = dict[str, Array]


def characteristics(block: Block) -> Columns:
    """Return the derived columns of each spectrum: arrays of shape (spectra,) by API name.

    Ranges and the median flux use only good pixels.  DER_SNR and the median S/N are computed from
    the flux or, for an extended source with surface brightness, from the surface brightness.
    """
    good, flux = block.good, block.flux
    wavelength = np.broadcast_to(block.wavelength, flux.shape)
    signal, error, source = _signal(block)
    order = _wavelength_order(block.wavelength)
    return {
        "nPixels": np.count_nonzero(block.inside, axis=1),
        "nGood": np.count_nonzero(good, axis=1),
        "wavelengthMin": statistics.lowest(wavelength, good),
        "wavelengthMax": statistics.highest(wavelength, good),
        "sampling": _sampling(block, order),
        "fluxMin": statistics.lowest(flux, good),
        "fluxMedian": statistics.median(flux, good),
        "fluxMax": statistics.highest(flux, good),
        "derSnr": statistics.der_snr(_ordered(signal, order), _ordered(good, order)),
        "medianSnr": statistics.median_snr(signal, error, good),
        "snrFrom": source,
    }


def _signal(block: Block) -> tuple[Array, Array, Array]:
    """Return the signal and error for the S/N, and the name of the signal column by spectrum."""
    bright, bright_err = block.extra.get("surfBright"), block.extra.get("sbErr")
    extended = np.atleast_1d(np.asarray(block.spectra.get("sourceType"), object)) == "EXTENDED"
    extended = np.broadcast_to(extended, len(block.flux))
    if bright is None or not extended.any():
        return block.flux, block.flux_err, np.full(len(block.flux), "flux", object)
    if bright_err is None:
        bright_err = np.full(bright.shape, np.nan)
    # Several modes write zeros if they have no surface brightness.
    has_brightness = np.any(np.isfinite(bright) & (bright != 0), axis=1)
    use = (extended & has_brightness)[:, np.newaxis]
    return (
        np.where(use, bright, block.flux),
        np.where(use, bright_err, block.flux_err),
        np.where(use[:, 0], "surfBright", "flux").astype(object),
    )


def _sampling(block: Block, order: Array | None) -> Array:
    """Return the sampling of each spectrum, computed once if all have the same wavelengths."""
    shared = len(block.wavelength) == 1 and block.inside.all()
    shape = (1, block.flux.shape[1]) if shared else block.flux.shape
    wavelength = _ordered(np.broadcast_to(block.wavelength, shape), order)
    sampling = statistics.sampling(wavelength, _ordered(block.inside[: shape[0]], order))
    return np.broadcast_to(sampling, len(block.flux))


def _wavelength_order(wavelength: Array) -> Array | None:
    """Return the order of the pixels by wavelength, or None if all spectra are monotonic."""
    with np.errstate(invalid="ignore"):
        steps = np.diff(wavelength, axis=1)
        monotone = np.all(~(steps < 0), axis=1) | np.all(~(steps > 0), axis=1)
    return None if monotone.all() else np.argsort(wavelength, axis=1, kind="stable")


def _ordered(values: Array, order: Array | None) -> Array:
    return values if order is None else np.take_along_axis(values, order, axis=1)
