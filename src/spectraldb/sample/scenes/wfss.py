"""NIRISS wide field slitless spectroscopy: eight galaxies in six exposures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from spectraldb.sample.extraction import Extraction
from spectraldb.sample.headers import Cards
from spectraldb.sample.lines import star_forming
from spectraldb.sample.measured import Array, observe
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble
from spectraldb.sample.spectra import emission
from spectraldb.sample.tables import Scalars, Units, vector_table
from spectraldb.sample.wcs import ARCSEC_SR, polygon

RA, DEC = 73.54, -16.27
PIXEL_SR = 0.0656**2 * ARCSEC_SR
"""NIRISS pixels are 0.0656 arcsec wide (Doyon et al. 2023, PASP 135, 098001)."""
GRID = np.arange(1.010, 1.285, 0.0047)
"""F115W with the 4.7 nm per pixel of the grisms (same source), um."""
EXPOSURES = 6
ABSENT = (5, 3)
"""Exposure and source, both 0-based: the source lies outside the detector in this exposure."""
CUT = (2, 6, 41)
"""Exposure, source and number of pixels of a spectrum that the edge of the detector cuts off."""


@dataclass(frozen=True, slots=True)
class Galaxy:
    """A source in the direct image."""

    number: int
    ra: float
    dec: float
    x: float
    y: float
    flux: Array
    """Jy, on `GRID`."""


def scene() -> Iterator[Product]:
    """Yield the spectra of each exposure, and the combined spectra."""
    observation = _observation()
    rng = observation.generator()
    galaxies = [_galaxy(index, rng) for index in range(8)]
    spectra = {
        (exposure, index): _spectrum(galaxy, _length(exposure, index), rng)
        for exposure in range(EXPOSURES)
        for index, galaxy in enumerate(galaxies)
    }
    tables = []
    for exposure in range(EXPOSURES):
        rows = [_row(galaxy, spectra[exposure, index]) for index, galaxy in enumerate(galaxies)]
        tables.append(vector_table(rows, _cards(observation, exposure), Units()))
    yield assemble(observation, "x1d", "WFSSMultiSpecModel", tables)
    combined = [
        _combined(galaxy, [spectra[exposure, index] for exposure in range(EXPOSURES)], observation)
        for index, galaxy in enumerate(galaxies)
    ]
    total = vector_table(combined, {"SPORDER": 1}, Units(), "COMBINE1D")
    yield assemble(observation, "c1d", "WFSSMultiCombinedSpecModel", [total])


def _observation() -> Observation:
    return Observation(
        program="99005",
        number="001",
        tag="t001",
        elements="f115w-gr150c",
        instrument="NIRISS",
        exp_type="NIS_WFSS",
        optics={"DETECTOR": "NIS", "FILTER": "GR150C", "PUPIL": "F115W"},
        target="SYNTHETIC FIELD",
        proposed="SYNTHETIC FIELD",
        title="a field of galaxies without a slit",
        ra=RA,
        dec=DEC,
        start=datetime(2025, 9, 30, 20, 11, 0, tzinfo=UTC),
        exposures=EXPOSURES,
        exposure_s=515.4,
    )


def _galaxy(index: int, rng: np.random.Generator) -> Galaxy:
    x, y = rng.uniform(150, 1900, 2)
    # The first galaxy has H alpha in the band; the other redshifts are random.
    redshift = 0.75 if index == 0 else rng.uniform(0.9, 2.3)
    level = 10 ** rng.uniform(-6.2, -4.8)
    flux = level * (GRID / 1.15) ** rng.uniform(-0.5, 1.5) + emission(
        GRID, star_forming(1e-14 * level), redshift
    )
    step = 0.0656 / 3600
    ra = RA + (x - 1024) * step / np.cos(np.radians(DEC))
    return Galaxy(7 + 5 * index, ra, DEC + (y - 1024) * step, x, y, flux)


def _length(exposure: int, index: int) -> int:
    if (exposure, index) == ABSENT:
        return 0
    return CUT[2] if (exposure, index) == CUT[:2] else GRID.size


def _spectrum(galaxy: Galaxy, length: int, rng: np.random.Generator) -> Extraction:
    flux = observe(galaxy.flux[:length], rng, floor=8e-8, gain=3e-10)
    return Extraction(GRID[:length], flux, np.full(length, 9.0), PIXEL_SR, np.full(length, 0.21))


def _row(galaxy: Galaxy, spectrum: Extraction) -> tuple[Scalars, dict[str, Array]]:
    length = spectrum.wavelength.size
    # The pipeline also lists absent sources, without a type or a position.
    here = 1.0 if length else np.nan
    corner = (int(galaxy.x), int(galaxy.y) - 4, int(galaxy.x) + length - 1, int(galaxy.y) + 4)
    box = corner if length else (0, 0, 0, 0)
    scalars = {
        "SOURCE_ID": galaxy.number,
        "N_ALONGDISP": length,
        "SOURCE_TYPE": "EXTENDED" if length else "",
        "SOURCE_XPOS": galaxy.x * here,
        "SOURCE_YPOS": galaxy.y * here,
        "SOURCE_RA": galaxy.ra * here,
        "SOURCE_DEC": galaxy.dec * here,
        "EXTRACT2D_XSTART": box[0],
        "EXTRACT2D_YSTART": box[1],
        "EXTRACT2D_XSTOP": box[2],
        "EXTRACT2D_YSTOP": box[3],
    }
    return scalars, spectrum.columns()


def _cards(observation: Observation, exposure: int) -> Cards:
    cards: Cards = {
        "FILENAME": f"jw{observation.visit}_03101_{exposure + 1:05d}_nis_cal.fits",
        "EXPGRPID": f"jw{observation.visit}_03101_{exposure + 1}_1",
        "SPORDER": 1,
        "DISPAXIS": 1,
        "EFFEXPTM": observation.exposure_s,
        "EFFINTTM": observation.exposure_s,
    }
    half = 0.0186
    box = [
        (RA - half, DEC - half),
        (RA - half, DEC + half),
        (RA + half, DEC + half),
        (RA + half, DEC - half),
    ]
    return cards if exposure else cards | {"S_REGION": polygon(box)}


def _combined(
    galaxy: Galaxy, spectra: list[Extraction], observation: Observation
) -> tuple[Scalars, dict[str, Array]]:
    sums = np.zeros((3, GRID.size))
    for spectrum in spectra:
        n = spectrum.wavelength.size
        sums[:, :n] += [spectrum.flux.value, np.square(spectrum.flux.error), np.ones(n)]
    flux, variance, count = sums
    mean, error = flux / count, np.sqrt(variance) / count
    per_sr = 1e-6 / (9 * PIXEL_SR)
    columns = {
        "WAVELENGTH": GRID,
        "FLUX": mean,
        "ERROR": error,
        "SURF_BRIGHT": mean * per_sr,
        "SB_ERROR": error * per_sr,
        "DQ": np.zeros(GRID.size),
        "WEIGHT": count * observation.exposure_s,
        "N_INPUT": count,
    }
    place = {"SOURCE_RA": galaxy.ra, "SOURCE_DEC": galaxy.dec}
    return {
        "SOURCE_ID": galaxy.number,
        "N_ALONGDISP": GRID.size,
        "SOURCE_TYPE": "EXTENDED",
    } | place, columns
