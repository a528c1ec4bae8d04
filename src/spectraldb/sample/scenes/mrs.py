"""MIRI medium resolution spectroscopy: the dusty nucleus of a merger, in three channels."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import numpy as np

from spectraldb.sample.cubes import Cube, footprint, observe_cube, s3d
from spectraldb.sample.extraction import MJY_PER_JY
from spectraldb.sample.headers import Cards
from spectraldb.sample.lines import REST
from spectraldb.sample.measured import Array
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble
from spectraldb.sample.spectra import dust_features, emission, gaussian, silicate
from spectraldb.sample.tables import Units, table
from spectraldb.sample.wcs import SkyGrid

REDSHIFT = 0.055
RA, DEC = 345.62, 8.91
UNITS = Units(variance="(MJy/sr)^2")
LINES: Mapping[str, float] = {
    "H2 S(8)": 6e-18,
    "[Fe II]": 1.2e-17,
    "[Ar III]": 2e-17,
    "H2 S(3)": 2e-17,
    "[S IV]": 3e-17,
    "[Ne II]": 8e-17,
    "[Ne V]": 1e-17,
}
"""Fluxes, W m^-2."""


def scene() -> Iterator[Product]:
    """Yield a cube of each channel, and spectra of the first and the third."""
    newest = _observation("001", "ch1-short", "1", "SHORT", "3.0.0")
    cube = _cube(newest, SkyGrid(RA, DEC, 25, 0.13), np.linspace(4.90, 5.74, 240))
    yield s3d(newest, cube, linear=True)
    yield assemble(
        newest,
        "x1d",
        "MRSMultiSpecModel",
        [table(_with_fringes(_columns(cube)), _cards(cube.grid), UNITS)],
    )

    several = _observation("003", "ch2-shortmediumlong", "2", "MULTIPLE", "1.14.0")
    cube = _cube(several, SkyGrid(RA, DEC, 21, 0.17), np.geomspace(7.51, 11.70, 320))
    yield s3d(several, cube, linear=False)

    older = _observation("002", "ch3-medium", "3", "MEDIUM", "1.13.4")
    cube = _cube(older, SkyGrid(RA, DEC, 23, 0.20, angle=111.0), np.linspace(13.34, 15.57, 220))
    yield s3d(older, cube, linear=True)
    yield assemble(
        older, "x1d", "MultiSpecModel", [table(_columns(cube), _cards(cube.grid), UNITS)]
    )


def _observation(number: str, elements: str, channel: str, band: str, release: str) -> Observation:
    detector = "MIRIFUSHORT" if channel in "12" else "MIRIFULONG"
    return Observation(
        program="99003",
        number=number,
        tag="t001",
        elements=elements,
        instrument="MIRI",
        exp_type="MIR_MRS",
        optics={"DETECTOR": detector, "CHANNEL": channel, "BAND": band},
        target="SYNTHETIC MERGER",
        proposed="SYNTHETIC MERGER",
        title="the nucleus of a dusty merger",
        ra=RA,
        dec=DEC,
        start=datetime(2023, 7, 8, 2 * int(number), 17, 45, tzinfo=UTC),
        exposures=4,
        exposure_s=222.0,
        cal_ver=release,
    )


def _cube(observation: Observation, grid: SkyGrid, wavelength: Array) -> Cube:
    # Planes are thicker than the pipeline's 0.0008 to 0.0025 um, to keep the files small.
    rng = observation.generator()
    x, y = grid.offsets()
    turning = 120.0 * np.tanh((x + 0.4 * y) / 0.6)
    radius = np.hypot(x, y)
    # Width of the point spread function, arcsec: Law et al. 2023, AJ 166, 45.
    nucleus = gaussian(radius, 0.0, 0.106 + 0.033 * float(wavelength.mean()))
    ring = gaussian(radius, 0.9, 0.7)
    nucleus, ring = nucleus / nucleus.sum(), ring / ring.sum()
    lines = emission(
        wavelength, {REST[name]: flux for name, flux in LINES.items()}, REDSHIFT, turning
    )
    hot = 0.05 * (wavelength / 8) ** 1.4 * silicate(wavelength, 1.1, REDSHIFT)
    dust = 0.12 * dust_features(wavelength, REDSHIFT)
    flux = (
        _spread(hot, nucleus)
        + _spread(dust, 0.2 * nucleus + 0.8 * ring)
        + lines * (nucleus + ring) / 2
    )
    truth = flux * MJY_PER_JY / grid.pixel_sr
    return observe_cube(grid, wavelength, truth, footprint(grid, wavelength.size, 4, rng), rng)


def _spread(spectrum: Array, light: Array) -> Array:
    return spectrum[:, np.newaxis, np.newaxis] * light


def _columns(cube: Cube) -> dict[str, Array]:
    sky = 4.0 * (cube.wavelength / 8) ** 2.5
    return cube.extract(0.36 * cube.grid.side * cube.grid.scale, sky).columns(parts=False)


def _with_fringes(columns: dict[str, Array]) -> dict[str, Array]:
    # Fringes of the detector that remain after flat-fielding; the RF columns (jwst >= 1.18.0) have
    # none.
    wave_number = 1e4 / columns["WAVELENGTH"]
    fringe = 1 + 0.012 * np.sin(2 * np.pi * wave_number / 9.3)
    clean = {f"RF_{name}": columns[name] for name in ("FLUX", "SURF_BRIGHT", "BACKGROUND")}
    return columns | {name: columns[name] * fringe for name in ("FLUX", "SURF_BRIGHT")} | clean


def _cards(grid: SkyGrid) -> Cards:
    centre = (grid.side - 1) / 2
    return {
        "SLTNAME": "MIR_MRS",
        "SRCTYPE": "EXTENDED",
        "EXTR_X": centre,
        "EXTR_Y": centre,
        "SLIT_RA": grid.ra,
        "SLIT_DEC": grid.dec,
    }
