"""WCS of a cube, with positions from FITS cards and wavelengths from a table."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def cube_wcs(cards: dict[str, Any], wavelength: NDArray[np.float64]) -> Any:
    """Return the WCS of a cube, with pixel axes (x, y, z) and world axes (ra, dec, wavelength).

    The transform follows FITS WCS papers I and II: from pixels to intermediate coordinates
    (CRPIX, PC, CDELT), then from the tangent plane to native and celestial coordinates.
    Wavelengths are a table with one value per plane, because they may be unevenly spaced.

    Parameters
    ----------
    cards
        FITS cards of the celestial axes.
    wavelength
        The wavelength of each plane in micron, shape (nz,).

    Returns
    -------
    gwcs.WCS or None
        None if the axes are not those of the pipeline's cubes: right ascension and declination
        (ICRS) in the TAN projection.
    """
    axes = (cards.get("CTYPE1"), cards.get("CTYPE2"), cards.get("RADESYS") or "ICRS")
    if axes != ("RA---TAN", "DEC--TAN", "ICRS") or ("EQUINOX" in cards and "RADESYS" not in cards):
        return None
    from astropy import units as u
    from astropy.coordinates import ICRS
    from gwcs import WCS, coordinate_frames

    frames = [
        coordinate_frames.CelestialFrame(reference_frame=ICRS(), axes_order=(0, 1)),
        coordinate_frames.SpectralFrame(unit=u.um, axes_order=(2,), axes_names=("wavelength",)),
    ]
    output = coordinate_frames.CompositeFrame(frames, name="world")
    pixels = coordinate_frames.CoordinateFrame(
        naxes=3, axes_type=("PIXEL",) * 3, axes_order=(0, 1, 2), unit=(u.pix,) * 3, name="pixels"
    )
    return WCS(_transform(cards, wavelength), input_frame=pixels, output_frame=output)


def _transform(cards: dict[str, Any], wavelength: NDArray[np.float64]) -> Any:
    """Return the model from pixels, counted from 0, to positions in degrees and micron."""
    from astropy.modeling import models

    def card(name: str, default: float) -> float:
        return float(cards.get(name, default))

    # FITS counts pixels from 1.
    shift = models.Shift(1 - card("CRPIX1", 0)) & models.Shift(1 - card("CRPIX2", 0))
    if any(f"CD{i}_{j}" in cards for i in (1, 2) for j in (1, 2)):
        scaled = np.array([[card(f"CD{i}_{j}", 0) for j in (1, 2)] for i in (1, 2)])
    else:
        pc = [[card(f"PC{i}_{j}", float(i == j)) for j in (1, 2)] for i in (1, 2)]
        scaled = np.array(pc) * np.array([[card("CDELT1", 1)], [card("CDELT2", 1)]])
    matrix = models.AffineTransformation2D(scaled)
    pole = card("LONPOLE", 180.0)
    rotation = models.RotateNative2Celestial(card("CRVAL1", 0), card("CRVAL2", 0), pole)
    sky = shift | matrix | models.Pix2Sky_Gnomonic() | rotation
    planes = models.Tabular1D(
        np.arange(len(wavelength)), wavelength, bounds_error=False, fill_value=np.nan
    )
    return sky & planes
