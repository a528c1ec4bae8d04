"""The world coordinates in the ASDF extension of a rectified slit image."""

import math
from typing import Any

import numpy as np
from astropy import units
from astropy.coordinates import ICRS
from astropy.modeling import models
from gwcs import WCS
from gwcs import coordinate_frames as frames

from tests.support.layouts.common import TARGET_DEC, TARGET_RA, Array

PIXEL = 0.1 / 3600  # degrees along the slit
POSITION_ANGLE = math.radians(30.0)


def slit_wcs(wavelength: Array, n_spatial: int, dispaxis: int) -> Any:
    """Return the transformation of a tilted slit: pixel (x, y) → (ra, dec, wavelength in um)."""
    # Inputs are FITS axes: the dispersion axis determines the wavelength, the other the position.
    spectral, spatial = (0, 1) if dispaxis == 1 else (1, 0)
    pixels = models.Mapping((spatial, spatial, spectral))
    transform = pixels | (_along_slit(n_spatial) & _along_dispersion(wavelength))
    wcs = WCS([(frames.Frame2D(name="detector", axes_order=(0, 1)), transform), (_world(), None)])
    limits = [(-0.5, len(wavelength) - 0.5), (-0.5, n_spatial - 0.5)]
    wcs.bounding_box = tuple(limits if dispaxis == 1 else limits[::-1])
    return wcs


def _along_slit(n_spatial: int) -> Any:
    steps = (PIXEL * math.sin(POSITION_ANGLE), PIXEL * math.cos(POSITION_ANGLE))
    middle = (n_spatial - 1) / 2
    east, north = (models.Linear1D(slope=s, intercept=-s * middle) for s in steps)
    sky = models.RotateNative2Celestial(TARGET_RA, TARGET_DEC, 180.0)
    return (east & north) | models.Pix2Sky_TAN() | sky


def _along_dispersion(wavelength: Array) -> Any:
    pixels = np.arange(len(wavelength))
    return models.Tabular1D(pixels, wavelength, bounds_error=False, fill_value=np.nan)


def _world() -> Any:
    sky = frames.CelestialFrame(name="sky", axes_order=(0, 1), reference_frame=ICRS())
    spectral = frames.SpectralFrame(
        name="spectral", axes_order=(2,), unit=(units.um,), axes_names=("wavelength",)
    )
    return frames.CompositeFrame([sky, spectral], name="world")
