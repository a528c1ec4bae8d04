"""Spectral cubes (s3d)."""

from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from spectraldb.sample.extraction import MJY_PER_JY, Extraction
from spectraldb.sample.headers import Cards, append_cards, exposure_cards
from spectraldb.sample.measured import Array, Mask, Measured, observe
from spectraldb.sample.observation import Observation
from spectraldb.sample.product import Product, assemble, header_table
from spectraldb.sample.wcs import ARCSEC_SR, SkyGrid

NO_DATA = 513
"""DQ of a voxel without exposures: DO_NOT_USE (1) and NON_SCIENCE (512)."""


@dataclass(frozen=True, slots=True)
class Cube:
    """Surface brightness on the sky."""

    grid: SkyGrid
    wavelength: Array
    """um, shape (n,), ascending."""
    signal: Measured
    """MJy/sr, shape (n, side, side); NaN without data."""
    exposures: Array
    """Number of exposures of each voxel, shape (n, side, side)."""

    def extract(self, radius: float, background: Array) -> Extraction:
        """Sum the spaxels within a radius (arcsec); `background` is that of the sky, MJy/sr."""
        x, y = self.grid.offsets()
        inside = np.hypot(x, y) <= radius
        seen = (self.exposures > 0) & inside
        flux = self.signal.where(seen).total(axis=(1, 2)).scaled(self.grid.pixel_sr / MJY_PER_JY)
        pixels = seen.sum(axis=(1, 2)).astype(np.float64)
        return Extraction(self.wavelength, flux, pixels, self.grid.pixel_sr, background)


def footprint(grid: SkyGrid, planes: int, exposures: int, rng: np.random.Generator) -> Array:
    """Return the number of exposures of each voxel: dithered squares, with a few lost voxels.

    The squares are rotated in a cube with north up, but not in one aligned with the slicer.

    Returns
    -------
    array, shape (planes, side, side)
    """
    x, y = grid.offsets()
    turn = np.radians(0.0 if grid.angle else 25.0)
    across, along = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    half = 0.40 * grid.side * grid.scale
    count = np.zeros(x.shape)
    for _ in range(exposures):
        dx, dy = rng.uniform(-2.5, 2.5, 2) * grid.scale
        count += (np.abs(across - dx) < half) & (np.abs(along - dy) < half)
    return count * (rng.random((planes, *x.shape)) > 0.001)


def observe_cube(
    grid: SkyGrid, wavelength: Array, truth: Array, exposures: Array, rng: np.random.Generator
) -> Cube:
    """Add noise to a true cube (MJy/sr, shape (n, side, side)); more exposures reduce it."""
    floor = 0.01 * float(np.median(truth.max(axis=(1, 2)))) / np.sqrt(np.maximum(exposures, 1))
    signal = observe(truth, rng, floor=floor, gain=0.0002 * float(truth.max())).where(exposures > 0)
    return Cube(grid, wavelength, signal, exposures)


def s3d(observation: Observation, cube: Cube, *, linear: bool) -> Product:
    """Return an s3d product in the layout of the observation's release.

    Parameters
    ----------
    observation : Observation
        The observation.
    cube : Cube
        The data.
    linear : bool
        Whether the header defines the wavelengths (CTYPE3 WAVE). Otherwise they are only in
        WCS-TABLE (WAVE-TAB), as in cubes of several bands.
    """
    seen = cube.exposures > 0
    spectral = _linear(cube.wavelength) if linear else _tabular()
    science = (
        exposure_cards(observation)
        | {"BUNIT": "MJy/sr"}
        | _geometry(observation, cube.grid)
        | spectral
    )
    hdus = [
        _plane("SCI", cube.signal.value, science),
        _plane("ERR", cube.signal.error, {"BUNIT": "MJy/sr", "ERRTYPE": "ERR"}),
        _quality(seen),
        _plane("WMAP", cube.exposures, {}),
    ]
    if not linear or observation.since("2.0.0"):
        hdus.append(_wavelengths(cube.wavelength))
    hdus.append(header_table(observation, "s3d", "IFUCubeModel"))
    extra: Cards = {
        "FLUXEXT": "SCI",
        "ERREXT": "ERR",
        "MASKEXT": "DQ",
        "ROIS": 0.0,
        "ROIW": 0.0,
        "WTYPE": "drizzle",
    }
    return assemble(observation, "s3d", "IFUCubeModel", hdus, extra=extra)


def _plane(name: str, values: Array, cards: Cards) -> fits.ImageHDU:
    hdu = fits.ImageHDU(values.astype(">f4"), name=name)
    append_cards(hdu.header, cards)
    return hdu


def _quality(seen: Mask) -> fits.ImageHDU:
    flags = np.where(seen, 0, NO_DATA).astype(np.uint32)
    return fits.ImageHDU(flags, name="DQ")


def _wavelengths(wavelength: Array) -> fits.BinTableHDU:
    # FITS -TAB requires the shape (1, n), where 1 is the number of axes that it describes.
    column = fits.Column(
        "wavelength",
        f"{wavelength.size}E",
        dim=f"(1,{wavelength.size})",
        array=wavelength.astype(">f4").reshape(1, -1, 1),
    )
    return fits.BinTableHDU.from_columns([column], name="WCS-TABLE")


def _geometry(observation: Observation, grid: SkyGrid) -> Cards:
    return {
        "SRCTYPE": "EXTENDED",
        "PHOTMJSR": 1.0,
        "PIXAR_SR": grid.pixel_sr,
        "PIXAR_A2": grid.pixel_sr / ARCSEC_SR,
        "RADESYS": "ICRS",
        **grid.cards(wrapped=observation.since("3.0.0")),
        "S_REGION": grid.region,
        "VELOSYS": 0.0,
        "SPECSYS": "BARYCENT",
    }


def _linear(wavelength: Array) -> Cards:
    step = float(wavelength[1] - wavelength[0])
    return {"CTYPE3": "WAVE", "CRVAL3": float(wavelength[0]), "CDELT3": step}


def _tabular() -> Cards:
    return {"CTYPE3": "WAVE-TAB", "CRVAL3": 1.0, "PS3_0": "WCS-TABLE", "PS3_1": "wavelength"}
