"""MIRI low resolution spectroscopy through the slit: a protostar behind silicate dust."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from spectraldb.sample.extraction import MJY_PER_JY
from spectraldb.sample.grids import LRS_STEPS, dispersed
from spectraldb.sample.headers import Cards
from spectraldb.sample.images import coverage, observe_image, profile, s2d
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble
from spectraldb.sample.spectra import blackbody, silicate
from spectraldb.sample.tables import table
from spectraldb.sample.wcs import Slit

RA, DEC = 247.02, -24.61


def scene() -> Iterator[Product]:
    """Yield the image, with wavelengths descending along y, and the spectrum in the same order."""
    observation = _observation()
    rng = observation.generator()
    wavelength = dispersed(5.0, 14.0, 388, LRS_STEPS)[::-1].copy()
    flux = 0.02 * blackbody(wavelength, 420.0, 8.0) * silicate(wavelength, 1.4)
    slit = Slit(RA, DEC, 44, 0.11, 12.0, dispaxis=2)
    truth = profile(slit.rows, 21.6, 3.2)[:, np.newaxis] * flux * MJY_PER_JY / slit.pixel_sr
    image = observe_image(slit, wavelength, truth, coverage(truth.shape, rng, lost=3), 0.9, rng)
    source: Cards = {
        "SLTNAME": "MIR_LRS-FIXEDSLIT",
        "SRCTYPE": "POINT",
        "DISPAXIS": 2,
        "SPORDER": 1,
    }
    yield s2d(observation, image, source, "MJy/sr")
    spectrum = image.extract(22, 4, per_sr=True).columns()
    place = {
        "SLIT_RA": RA,
        "SLIT_DEC": DEC,
        "EXTRXSTR": 19,
        "EXTRXSTP": 27,
        "EXTRYSTR": 1,
        "EXTRYSTP": 388,
    }
    yield assemble(observation, "x1d", "MultiSpecModel", [table(spectrum, {**source, **place})])


def _observation() -> Observation:
    return Observation(
        program="99004",
        number="001",
        tag="t001",
        elements="p750l",
        instrument="MIRI",
        exp_type="MIR_LRS-FIXEDSLIT",
        optics={"DETECTOR": "MIRIMAGE", "FILTER": "P750L"},
        target="SYNTHETIC PROTOSTAR",
        proposed="SYNTHETIC YSO",
        title="silicate towards a protostar",
        ra=RA,
        dec=DEC,
        start=datetime(2024, 3, 21, 16, 2, 9, tzinfo=UTC),
        exposures=2,
        exposure_s=333.0,
    )
