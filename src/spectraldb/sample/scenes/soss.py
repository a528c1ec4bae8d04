"""NIRISS single object slitless spectroscopy: a cool star, combined and not as a time series."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from astropy.io import fits

from spectraldb.sample.extraction import MJY_PER_JY
from spectraldb.sample.measured import observe
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble
from spectraldb.sample.spectra import blackbody, gaussian
from spectraldb.sample.tables import Units, table

WATER_UM = {
    0.93: 0.10,
    1.13: 0.14,
    1.40: 0.30,
    1.88: 0.38,
    2.70: 0.45,
}
"""Steam bands of M dwarfs: centre (um) and depth, after Rayner et al. 2009 (ApJS 185, 289)."""
ORDERS = {
    1: (0.85, 2.83, 2040),
    2: (0.60, 1.40, 1780),
}
"""Spectral order to first and last wavelength (um) and pixels."""


def scene() -> Iterator[Product]:
    """Yield the combined spectrum of both orders."""
    observation = _observation()
    rng = observation.generator()
    orders = [_order(order, observation, rng) for order in ORDERS]
    yield assemble(observation, "c1d", "MultiCombinedSpecModel", orders)


def _observation() -> Observation:
    return Observation(
        program="99006",
        number="001",
        tag="t001",
        elements="clear-gr700xd-substrip256",
        instrument="NIRISS",
        exp_type="NIS_SOSS",
        optics={"DETECTOR": "NIS", "FILTER": "CLEAR", "PUPIL": "GR700XD"},
        target="SYNTHETIC M DWARF",
        proposed="SYNTHETIC M DWARF",
        title="a cool star in two orders",
        ra=311.29,
        dec=-31.34,
        start=datetime(2025, 10, 12, 4, 30, 0, tzinfo=UTC),
        exposures=3,
        exposure_s=98.9,
        subarray="SUBSTRIP256",
    )


def _order(order: int, observation: Observation, rng: np.random.Generator) -> fits.BinTableHDU:
    low, high, count = ORDERS[order]
    wavelength = np.linspace(low, high, count)
    flux = 0.35 * blackbody(wavelength, 3200.0, 1.6)
    for centre, depth in WATER_UM.items():
        flux *= 1 - depth * gaussian(wavelength, centre, 0.11 * centre)
    # Only SOSS has flux densities in MJy.
    seen = observe(flux * MJY_PER_JY, rng, floor=4e-10, gain=2e-13 * order)
    zeros = np.zeros(count)
    columns = {
        "WAVELENGTH": wavelength,
        "FLUX": seen.value,
        "ERROR": seen.error,
        "SURF_BRIGHT": zeros,
        "SB_ERROR": zeros,
        "DQ": zeros,
        "WEIGHT": np.full(count, observation.total_s),
        "N_INPUT": np.full(count, float(observation.exposures)),
    }
    return table(columns, {"SPORDER": order, "SRCTYPE": "POINT"}, Units(flux="MJy"), "COMBINE1D")
