"""Positions of spectra on the sky, from the headers of a 1-D product or a slit."""

import math
from dataclasses import dataclass

from spectraldb.fits.header import Header

_KEYWORDS = (
    ("source", "SRCRA", "SRCDEC"),
    ("aperture", "SLIT_RA", "SLIT_DEC"),
    ("target", "TARG_RA", "TARG_DEC"),
)


@dataclass(frozen=True)
class Position:
    """ICRS position in degrees; all fields are None if the headers have no position."""

    ra: float | None = None
    dec: float | None = None
    origin: str | None = None
    """What the position belongs to: source, aperture or target."""


def header_position(science_header: Header, primary_header: Header) -> Position:
    """Return the best position in the headers.

    In order of preference: the position of the source (multi-object and fixed-slit spectra), of the
    aperture, and of the target, which for multi-object spectra is only the pointing.
    """
    for origin, ra_keyword, dec_keyword in _KEYWORDS:
        ra = science_header.get(ra_keyword, primary_header.get(ra_keyword))
        dec = science_header.get(dec_keyword, primary_header.get(dec_keyword))
        if is_position(ra, dec):
            return Position(float(ra) % 360.0, float(dec), origin)  # type: ignore[arg-type]
    return Position()


def is_position(ra: object, dec: object) -> bool:
    """Return whether two values are a position: finite, and not (0, 0), which means unset."""
    if not (isinstance(ra, int | float) and isinstance(dec, int | float)):
        return False
    return math.isfinite(ra) and math.isfinite(dec) and not (ra == 0 and dec == 0)
