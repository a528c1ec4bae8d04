"""NIRSpec integral field unit: a rotating disc galaxy."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from spectraldb.sample.cubes import footprint, observe_cube, s3d
from spectraldb.sample.extraction import MJY_PER_JY
from spectraldb.sample.headers import Cards
from spectraldb.sample.lines import star_forming
from spectraldb.sample.measured import Array
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble
from spectraldb.sample.spectra import emission
from spectraldb.sample.tables import Units, table
from spectraldb.sample.wcs import SkyGrid

REDSHIFT = 1.2
INCLINATION = np.radians(55.0)
MAJOR_AXIS = np.radians(35.0)
SPEED_KM_S = 260.0


def scene() -> Iterator[Product]:
    """Yield the cube and the spectrum of the galaxy."""
    observation = _observation()
    rng = observation.generator()
    grid = SkyGrid(ra=187.31, dec=12.42, side=36, scale=0.1)
    # The pipeline's PRISM cubes have steps of 0.005 um; twice that keeps the file small.
    wavelength = np.linspace(0.60, 5.30, 470)
    truth = _truth(grid, wavelength)
    cube = observe_cube(grid, wavelength, truth, footprint(grid, wavelength.size, 4, rng), rng)
    yield s3d(observation, cube, linear=True)
    spectrum = cube.extract(1.0, 0.08 + 0.02 * wavelength).columns(parts=False)
    cards: Cards = {
        "SLTNAME": "NRS_IFU",
        "SRCTYPE": "EXTENDED",
        "EXTR_X": 17.5,
        "EXTR_Y": 17.5,
        "SLIT_RA": grid.ra,
        "SLIT_DEC": grid.dec,
    }
    extracted = table(spectrum, cards, Units(variance="(MJy/sr)^2"))
    yield assemble(observation, "x1d", "MultiSpecModel", [extracted])


def _observation() -> Observation:
    return Observation(
        program="99002",
        number="001",
        tag="t001",
        elements="prism-clear",
        instrument="NIRSPEC",
        exp_type="NRS_IFU",
        optics={"DETECTOR": "NRS1", "FILTER": "CLEAR", "GRATING": "PRISM"},
        target="SYNTHETIC DISC GALAXY",
        proposed="SYNTHETIC DISC",
        title="a disc galaxy at redshift 1.2",
        ra=187.31,
        dec=12.42,
        start=datetime(2025, 5, 3, 9, 41, 12, tzinfo=UTC),
        exposures=4,
        exposure_s=875.3,
    )


def _truth(grid: SkyGrid, wavelength: Array) -> Array:
    radius, velocity = _disc(grid)
    stars, gas = _exponential(radius, 0.35), _exponential(radius, 0.5)
    rest = wavelength / (1 + REDSHIFT)
    balmer_break = 0.7 + 0.3 * np.tanh((rest - 0.3646) / 0.02)
    continuum = 2.5e-5 * balmer_break * rest**0.5 / (1 + (rest / 1.6) ** 3)
    lines = emission(wavelength, star_forming(3e-19), REDSHIFT, velocity)
    flux = continuum[:, np.newaxis, np.newaxis] * stars + lines * gas
    return flux * MJY_PER_JY / grid.pixel_sr


def _exponential(radius: Array, scale: float) -> Array:
    light = np.exp(-radius / scale)
    return light / float(light.sum())


def _disc(grid: SkyGrid) -> tuple[Array, Array]:
    # Radius in the disc (arcsec) and velocity along the line of sight (km/s): flat outside 0.3".
    x, y = grid.offsets()
    along = x * np.cos(MAJOR_AXIS) + y * np.sin(MAJOR_AXIS)
    across = (y * np.cos(MAJOR_AXIS) - x * np.sin(MAJOR_AXIS)) / np.cos(INCLINATION)
    radius = np.hypot(along, across) + 0.05
    velocity: Array = SPEED_KM_S * np.sin(INCLINATION) * np.tanh(radius / 0.3) * along / radius
    return radius, velocity
