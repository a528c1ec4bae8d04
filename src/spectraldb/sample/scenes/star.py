"""NIRSpec fixed slit: a bright hot star with hydrogen in absorption."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from spectraldb.lines import hydrogen
from spectraldb.sample.extraction import Extraction
from spectraldb.sample.headers import Cards
from spectraldb.sample.measured import observe
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble
from spectraldb.sample.spectra import absorption, blackbody
from spectraldb.sample.tables import table
from spectraldb.sample.wcs import ARCSEC_SR

RA, DEC = 275.84, 64.36


def scene() -> Iterator[Product]:
    """Yield the spectrum: about 25 Jy at 1.25 um, far brighter than all other samples."""
    observation = _observation()
    rng = observation.generator()
    wavelength = np.arange(0.970, 1.840, 0.00063)
    paschen = [hydrogen(3, upper) for upper in range(5, 9)]
    brackett = [hydrogen(4, upper) for upper in range(10, 17)]
    lines = absorption(wavelength, paschen, 0.32, 0.0045) * absorption(
        wavelength, brackett, 0.15, 0.005
    )
    flux = 25.0 * blackbody(wavelength, 9600.0, 1.25) * lines
    good = rng.random(wavelength.size) > 0.004
    seen = observe(flux, rng, floor=0.004, gain=2e-4).where(good)
    spectrum = Extraction(
        wavelength, seen, np.where(good, 6.0, 0.0), 0.02 * ARCSEC_SR, np.zeros(wavelength.size)
    )
    source: Cards = {
        "SLTNAME": "S1600A1",
        "SOURCEID": 1,
        "SRCNAME": "99008_1",
        "SRCTYPE": "POINT",
        "SRCRA": RA,
        "SRCDEC": DEC,
        "SLIT_RA": RA,
        "SLIT_DEC": DEC,
        "SPORDER": -1,
        "DISPAXIS": 1,
    }
    yield assemble(
        observation, "x1d", "MultiSpecModel", [table(spectrum.columns(surface=False), source)]
    )


def _observation() -> Observation:
    return Observation(
        program="99008",
        number="001",
        tag="t001-s000000001",
        elements="f100lp-g140m-s1600a1",
        instrument="NIRSPEC",
        exp_type="NRS_FIXEDSLIT",
        optics={"DETECTOR": "NRS1", "FILTER": "F100LP", "GRATING": "G140M", "FXD_SLIT": "S1600A1"},
        target="SYNTHETIC A STAR",
        proposed="SYNTHETIC STANDARD",
        title="a bright standard star",
        ra=RA,
        dec=DEC,
        start=datetime(2025, 2, 2, 22, 48, 51, tzinfo=UTC),
        exposures=3,
        exposure_s=14.4,
        subarray="SUB2048",
    )
