"""Celestial coordinates of the spaxels of a cube, from the header of SCI, by astropy's WCS.

Papers I and II of the FITS WCS are Greisen & Calabretta 2002, A&A 395, 1061, and Calabretta &
Greisen 2002, A&A 395, 1077.
"""

import re
import warnings
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.header import Header, Value
from spectraldb.fits.image import ImageHdu
from spectraldb.units import parse_unit

_WCS_KEYWORD = re.compile(
    r"WCSAXES|NAXIS\d?|(CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CROTA)\d|(PC|CD)\d_\d|(PV|PS)\d_\d+"
    r"|LONPOLE|LATPOLE|RADESYS|RADECSYS|EQUINOX|EPOCH|RESTFRQ|RESTFREQ|RESTWAV|SPECSYS"
    r"|MJD-OBS|DATE-OBS"
)
_CELESTIAL_KEYWORD = re.compile(
    r"(CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CROTA)[12]|(PC|CD)[12]_[12]|PV[12]_\d+|LONPOLE|LATPOLE"
    r"|RADESYS|EQUINOX"
)


def cube_sky(hdu: ImageHdu) -> tuple[Array, Array]:
    """Return right ascension and declination (ICRS) of the spaxels in degrees.

    Each has the shape (ny, nx), and is NaN if the axes are not celestial.  Right ascension is
    normalized to 0 to 360, even if CRVAL1 is negative.
    """
    ny, nx = hdu.shape[1:]
    wcs = astropy_wcs(hdu.header, celestial=True)
    if wcs is None or wcs.wcs.lng < 0 or wcs.wcs.lat < 0:
        unknown = np.full((ny, nx), np.nan)
        return unknown, unknown
    y, x = np.mgrid[:ny, :nx]
    world = wcs.wcs_pix2world(np.column_stack([x.ravel(), y.ravel()]), 0)
    longitude, latitude = (world[:, axis].reshape(ny, nx) for axis in (wcs.wcs.lng, wcs.wcs.lat))
    return _to_icrs(wcs, longitude, latitude)


def _to_icrs(wcs: Any, longitude: Array, latitude: Array) -> tuple[Array, Array]:  # noqa: ANN401 - astropy has no types
    from astropy.coordinates import ICRS, SkyCoord  # noqa: PLC0415 - slow to import

    frame = _frame(wcs)
    if frame is None:
        unknown = np.full(longitude.shape, np.nan)
        return unknown, unknown
    if isinstance(frame, ICRS):
        return np.mod(longitude, 360.0), np.asarray(latitude, "f8")
    position = SkyCoord(longitude, latitude, unit="deg", frame=frame).icrs
    return np.mod(position.ra.deg, 360.0), np.asarray(position.dec.deg, "f8")


def _frame(wcs: Any) -> Any:  # noqa: ANN401 - astropy has no types
    """Return the frame of the sky axes (paper II, section 3.1), or None if it is unknown."""
    from astropy import coordinates as c  # noqa: PLC0415 - slow to import
    from astropy.wcs.utils import wcs_to_celestial_frame  # noqa: PLC0415 - as above

    kind = wcs.wcs.lngtyp
    if kind in ("ELON", "SLON"):
        equinox = "J2000" if np.isnan(wcs.wcs.equinox) else f"J{wcs.wcs.equinox}"
        ecliptic = c.BarycentricMeanEcliptic(equinox=equinox)
        return ecliptic if kind == "ELON" else c.Supergalactic()
    try:
        return wcs_to_celestial_frame(wcs)
    except ValueError:
        return None


def astropy_wcs(header: Header, *, celestial: bool = False) -> Any:  # noqa: ANN401 - astropy has no types
    """Return astropy's WCS of a cube, or that of its first two axes; None if it reads none.

    Only the keywords of the linear and the spectral WCS are passed: others, such as leftovers of
    SIP distortions, do not apply to cubes, and astropy reports them.
    """
    from astropy.io.fits import Header as AstropyHeader  # noqa: PLC0415 - slow to import
    from astropy.wcs import WCS  # noqa: PLC0415 - slow to import

    cards = {k: header[k] for k in header if _WCS_KEYWORD.fullmatch(k) and header[k] is not None}
    if celestial:
        # Without the spectral axis, which is not needed here and may need a table.
        cards = {k: v for k, v in cards.items() if not re.search(r"^\D+3|_3$", k)}
        cards |= {"NAXIS": 2, "WCSAXES": 2}
    cards |= {k: _fits_unit(v) for k, v in cards.items() if k.startswith("CUNIT")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about keywords that astropy corrects
        try:
            return WCS(AstropyHeader(cards))
        except Exception as error:  # wcslib raises many kinds
            if celestial:
                return None
            raise RefusedError(f"The WCS of the cube cannot be read: {error}") from error


def _fits_unit(value: Value) -> Value:
    """Return a unit as wcslib reads it."""
    parsed = parse_unit(str(value))
    try:
        return value if parsed is None else str(parsed.to_string("fits"))
    except ValueError:
        return value


def celestial_keywords(science: Header, x: int, y: int) -> dict[str, Value]:
    """Return the celestial WCS keywords of a cut-out of a cube; empty if it has no sky axes.

    The keywords are copied from the file, with CRPIX (paper I) relative to the cut-out.

    Parameters
    ----------
    science
        SCI header of the cube.
    x, y
        Zero-based indices of the first pixel of the cut-out.
    """
    keywords = {name: science[name] for name in science if _CELESTIAL_KEYWORD.fullmatch(name)}
    for name, start in (("CRPIX1", x), ("CRPIX2", y)):
        reference = keywords.get(name)
        if isinstance(reference, int | float):
            keywords[name] = float(reference) - start
    return keywords
