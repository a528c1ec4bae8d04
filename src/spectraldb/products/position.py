"""Where on the sky a spectrum is, from the headers of a 1-D product or a slit."""

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
    """ICRS position in degrees, and what it is the position of."""

    ra: float | None = None
    dec: float | None = None
    source: str | None = None


def header_position(science: Header, primary: Header) -> Position:
    """Return the best position the headers hold.

    The source's own (multi-object and fixed-slit spectra) comes before the aperture's, and that
    before the target's, which for multi-object spectra is only the pointing.
    """
    for source, ra_name, dec_name in _KEYWORDS:
        ra = science.get(ra_name, primary.get(ra_name))
        dec = science.get(dec_name, primary.get(dec_name))
        if is_position(ra, dec):
            return Position(float(ra) % 360.0, float(dec), source)  # type: ignore[arg-type]
    return Position()


def is_position(ra: object, dec: object) -> bool:
    """Tell whether two values are a position: finite, and not the (0, 0) of an unset header."""
    if not (isinstance(ra, int | float) and isinstance(dec, int | float)):
        return False
    return math.isfinite(ra) and math.isfinite(dec) and not (ra == 0 and dec == 0)
