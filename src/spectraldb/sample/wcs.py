"""World coordinates: from pixels to the sky and to wavelengths."""

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.coordinates import ICRS
from astropy.modeling import models
from gwcs import WCS, coordinate_frames

from spectraldb.sample.headers import Cards
from spectraldb.sample.measured import Array

ARCSEC_SR = (np.pi / 180 / 3600) ** 2
"""Square arcsecond, sr."""


@dataclass(frozen=True, slots=True)
class Slit:
    """A rectified slit, with rows along the slit and one wavelength per column."""

    ra: float
    dec: float
    rows: int
    scale: float
    """arcsec per row."""
    angle: float
    """Position angle of increasing row, deg east of north."""
    dispaxis: int = 1
    """1 if wavelengths run along x of the stored image, 2 if along y."""

    @property
    def pixel_sr(self) -> float:
        """Solid angle of a pixel: a slit width of 0.2 arcsec (NIRSpec shutters) times a row."""
        return 0.2 * self.scale * ARCSEC_SR

    def sky(self, row: Array | float) -> tuple[Array, Array]:
        """Return right ascension and declination (deg) of a row; the sky is flat over the slit."""
        along = (np.asarray(row) - (self.rows - 1) / 2) * self.scale / 3600
        east, north = along * np.sin(np.radians(self.angle)), along * np.cos(np.radians(self.angle))
        return self.ra + east / np.cos(np.radians(self.dec)), self.dec + north

    def gwcs(self, wavelength: Array) -> WCS:
        """Return the transform from (x, y), 0-based, to RA, Dec (deg) and wavelength (um).

        Rows are steps in the tangent plane (FITS intermediate world coordinates, deg), and columns
        are entries of the table of wavelengths.
        """
        middle, step = (self.rows - 1) / 2, self.scale / 3600
        east, north = step * np.sin(np.radians(self.angle)), step * np.cos(np.radians(self.angle))
        plane = models.Linear1D(east, -middle * east) & models.Linear1D(north, -middle * north)
        sky = plane | models.Pix2Sky_TAN() | models.RotateNative2Celestial(self.ra, self.dec, 180.0)
        columns = models.Tabular1D(
            points=np.arange(wavelength.size, dtype=np.float64),
            lookup_table=wavelength,
            bounds_error=False,
            fill_value=np.nan,
        )
        across = 1 if self.dispaxis == 1 else 0
        transform = models.Mapping((across, across, 1 - across)) | sky & columns
        wcs = WCS([(coordinate_frames.Frame2D(name="detector"), transform), (_world(), None)])
        limits = ((-0.5, wavelength.size - 0.5), (-0.5, self.rows - 0.5))
        wcs.bounding_box = limits if self.dispaxis == 1 else limits[::-1]
        return wcs

    @property
    def region(self) -> str:
        """Outline on the sky (S_REGION) of the slit, 0.2 arcsec wide."""
        (first, last), (south, north) = self.sky(np.array([-0.5, self.rows - 0.5]))
        half = 0.1 / 3600 / np.cos(np.radians(self.dec))
        return polygon(
            [
                (first - half, south),
                (first + half, south),
                (last + half, north),
                (last - half, north),
            ]
        )


@dataclass(frozen=True, slots=True)
class SkyGrid:
    """The two spatial axes of a cube."""

    ra: float
    dec: float
    side: int
    """Spaxels along x and along y."""
    scale: float
    """arcsec per spaxel."""
    angle: float = 0.0
    """Position angle of y, deg east of north: 0 for north up, else aligned with the slicer."""

    @property
    def pixel_sr(self) -> float:
        """Solid angle of a spaxel."""
        return self.scale**2 * ARCSEC_SR

    def offsets(self) -> tuple[Array, Array]:
        """Return the offsets x, y of each spaxel from the centre, arcsec, shape (side, side)."""
        steps = (np.arange(self.side) - (self.side - 1) / 2) * self.scale
        x, y = np.meshgrid(steps, steps)
        return x, y

    def cards(self, *, wrapped: bool) -> Cards:
        """Return the celestial WCS keywords.

        CRVAL1 is 0 to 360 if `wrapped`, else -180 to 180 as before jwst 3.0.0.
        """
        reference, step = (self.side + 1) / 2, self.scale / 3600
        cos, sin = float(np.cos(np.radians(self.angle))), float(np.sin(np.radians(self.angle)))
        ra = self.ra if wrapped or self.ra <= 180 else self.ra - 360
        return {
            "WCSAXES": 3,
            "CRPIX1": reference,
            "CRPIX2": reference,
            "CRPIX3": 1.0,
            "CRVAL1": ra,
            "CRVAL2": self.dec,
            "CTYPE1": "RA---TAN",
            "CTYPE2": "DEC--TAN",
            "CUNIT1": "deg",
            "CUNIT2": "deg",
            "CUNIT3": "um",
            "CDELT1": step,
            "CDELT2": step,
            "PC1_1": -cos,
            "PC1_2": sin,
            "PC1_3": 0.0,
            "PC2_1": sin,
            "PC2_2": cos,
            "PC2_3": 0.0,
            "PC3_1": 0.0,
            "PC3_2": 0.0,
            "PC3_3": 1.0,
        }

    @property
    def region(self) -> str:
        """Outline on the sky (S_REGION): the box in RA and Dec around the cube."""
        turn = abs(np.cos(np.radians(self.angle))) + abs(np.sin(np.radians(self.angle)))
        dec = self.side * self.scale / 3600 / 2 * turn
        ra = dec / np.cos(np.radians(self.dec))
        west, east, south, north = self.ra - ra, self.ra + ra, self.dec - dec, self.dec + dec
        return polygon([(west, south), (west, north), (east, north), (east, south)])


def polygon(corners: list[tuple[float, float]]) -> str:
    """Return a region (deg) in the pipeline's form, with two blanks after the frame."""
    return "POLYGON ICRS  " + " ".join(f"{ra:.9f} {dec:.9f}" for ra, dec in corners)


def _world() -> coordinate_frames.CompositeFrame:
    sky = coordinate_frames.CelestialFrame(name="sky", axes_order=(0, 1), reference_frame=ICRS())
    spectral = coordinate_frames.SpectralFrame(
        name="spectral", axes_order=(2,), unit=(u.micron,), axes_names=("wavelength",)
    )
    return coordinate_frames.CompositeFrame([sky, spectral], name="world")
