"""NIRSpec bright object time series: a planet in transit, in the new and in the old layout."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from spectraldb.sample.extraction import Extraction
from spectraldb.sample.grids import PRISM_STEPS, dispersed
from spectraldb.sample.headers import TDB_LEAD_D, Cards
from spectraldb.sample.measured import Array, Measured, observe
from spectraldb.sample.observation import Observation, mjd
from spectraldb.sample.product import Product, assemble, header_table
from spectraldb.sample.spectra import blackbody, gaussian
from spectraldb.sample.tables import Units, table, vector_table
from spectraldb.sample.wcs import ARCSEC_SR, polygon

RA, DEC = 30.77, -12.55
BARYCENTRE_D = 210.0 / 86400
"""Light travel time from TDB at the telescope to TDB at the barycentre."""


def scene() -> Iterator[Product]:
    """Yield two time series: one row per integration since jwst 1.19.0, one table before."""
    new = _observation("001", 60, "3.0.0")
    spectra = _series(new)
    rows = [
        (_scalars(new, index), spectrum.columns(surface=False))
        for index, spectrum in enumerate(spectra)
    ]
    star = [_times(new), vector_table(rows, _cards() | {"S_REGION": _region()}, Units())]
    model = "TSOMultiSpecModel"
    yield assemble(new, "x1dints", model, [*star, header_table(new, "x1dints", model)])

    old = _observation("002", 6, "1.18.0")
    tables = [
        table(spectrum.columns(surface=False), _cards() | _moment(old, index))
        for index, spectrum in enumerate(_series(old))
    ]
    yield assemble(old, "x1dints", "MultiSpecModel", [_times(old), *tables])


def _observation(number: str, integrations: int, release: str) -> Observation:
    return Observation(
        program="99007",
        number=number,
        tag="t001",
        elements="clear-prism-s1600a1-sub512",
        instrument="NIRSPEC",
        exp_type="NRS_BRIGHTOBJ",
        optics={"DETECTOR": "NRS1", "FILTER": "CLEAR", "GRATING": "PRISM", "FXD_SLIT": "S1600A1"},
        target="SYNTHETIC TRANSIT",
        proposed="SYNTHETIC TRANSIT",
        title="a giant planet in transit",
        ra=RA,
        dec=DEC,
        start=datetime(2025, 7, 10, 7, 3, 20, tzinfo=UTC),
        exposures=1,
        exposure_s=21600.0,
        integrations=integrations,
        cal_ver=release,
        subarray="SUB512",
    )


def _series(observation: Observation) -> list[Extraction]:
    rng = observation.generator()
    wavelength = dispersed(0.60, 5.30, 400, PRISM_STEPS)
    star = 0.06 * blackbody(wavelength, 5500.0, 1.2)
    # Carbon dioxide at 4.3 um makes the planet look larger there.
    depth = 0.021 + 0.003 * gaussian(wavelength, 4.3, 0.35)
    bad_pixels = rng.choice(wavelength.size, 4, replace=False)
    phase = (np.arange(observation.integrations) + 0.5) / observation.integrations * 2 - 1
    return [
        _spectrum(wavelength, star * (1 - depth * _shadow(at)), bad_pixels, rng) for at in phase
    ]


def _shadow(phase: float) -> float:
    """Return the fraction of the transit depth at a phase of -1 to 1 around its middle."""
    ingress = np.clip((0.55 - abs(phase)) / 0.12, 0, 1)
    # Quadratic limb darkening: the middle of the disc is brighter than its edge.
    return float(ingress * (1.08 - 0.3 * phase**2))


def _spectrum(
    wavelength: Array, flux: Array, bad_pixels: NDArray[np.int64], rng: np.random.Generator
) -> Extraction:
    good = np.ones(wavelength.shape, dtype=bool)
    good[bad_pixels] = False
    seen: Measured = observe(flux, rng, floor=2e-6, gain=2e-8).where(good)
    return Extraction(
        wavelength, seen, np.where(good, 12.0, 0.0), 0.01 * ARCSEC_SR, np.zeros(wavelength.shape)
    )


def _moments(observation: Observation) -> Array:
    """Return begin, middle and end of each integration, MJD (UTC), shape (3, integrations)."""
    edges = np.linspace(mjd(observation.start), mjd(observation.end), observation.integrations + 1)
    return np.stack([edges[:-1], (edges[:-1] + edges[1:]) / 2, edges[1:]])


def _scalars(observation: Observation, index: int) -> dict[str, int | float]:
    begin, middle, end = (float(moment) for moment in _moments(observation)[:, index])
    late = TDB_LEAD_D + BARYCENTRE_D
    return {
        "INT_NUM": index + 1,
        "N_ALONGDISP": 400,
        "SEGMENT": 1,
        "MJD-BEG": begin,
        "MJD-AVG": middle,
        "MJD-END": end,
        "TDB-BEG": begin + late,
        "TDB-MID": middle + late,
        "TDB-END": end + late,
    }


def _times(observation: Observation) -> fits.BinTableHDU:
    utc = _moments(observation)
    number = fits.Column(
        "integration_number", "J", array=np.arange(1, observation.integrations + 1)
    )
    scales = {"MJD_UTC": utc, "BJD_TDB": utc + TDB_LEAD_D + BARYCENTRE_D}
    columns = [
        fits.Column(f"int_{part}_{scale}", "D", array=moments[row])
        for scale, moments in scales.items()
        for row, part in enumerate(("start", "mid", "end"))
    ]
    return fits.BinTableHDU.from_columns([number, *columns], name="INT_TIMES")


def _moment(observation: Observation, index: int) -> Cards:
    scalars = _scalars(observation, index)
    return {key: scalars[key] for key in ("INT_NUM", "TDB-BEG", "TDB-MID", "TDB-END")}


def _cards() -> Cards:
    return {
        "SLTNAME": "S1600A1",
        "SRCTYPE": "POINT",
        "SLIT_RA": RA,
        "SLIT_DEC": DEC,
        "SPORDER": 0,
        "DISPAXIS": 1,
    }


def _region() -> str:
    half = 0.8 / 3600
    return polygon(
        [
            (RA - half, DEC - half),
            (RA - half, DEC + half),
            (RA + half, DEC + half),
            (RA + half, DEC - half),
        ]
    )
