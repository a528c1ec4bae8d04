"""Cones on the sky and the angular separation of positions, in numpy and in SQL.

Separations are by the haversine formula, which is exact for small angles (R. W. Sinnott 1984, Sky
and Telescope 68, 159).  All angles are ICRS, in degrees.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spectraldb.arrays import Array

_SEPARATION_SQL = """2 * degrees(asin(least(1.0, sqrt(
  pow(sin(radians(c.dec - {dec}) / 2), 2)
  + cos(radians(c.dec)) * cos(radians({dec})) * pow(sin(radians(c.ra - {ra}) / 2), 2)
))))"""


@dataclass(frozen=True)
class Cone:
    """A circle on the sky: the position of its centre and its radius.

    Parameters
    ----------
    ra, dec
        Right ascension and declination of the centre, in degrees (ICRS).
    radius
        In degrees.
    """

    ra: float
    dec: float
    radius: float

    def separation(self, ra: ArrayLike, dec: ArrayLike) -> Array:
        """Return the separation of positions from the centre, in degrees, of their shape."""
        return separation(self.ra, self.dec, ra, dec)

    def contains(self, ra: ArrayLike, dec: ArrayLike) -> Array:
        """Return whether each position lies inside, the edge included; never one that is NaN."""
        return np.asarray(self.separation(ra, dec) <= self.radius)


def separation(ra: ArrayLike, dec: ArrayLike, other_ra: ArrayLike, other_dec: ArrayLike) -> Array:
    """Return the separation of pairs of positions.

    Parameters
    ----------
    ra, dec, other_ra, other_dec
        Right ascensions and declinations in degrees, of shapes that broadcast together.

    Returns
    -------
    Array
        Separations in degrees, 0 to 180, of the shape of the broadcast; NaN where a coordinate is.
    """
    longitude = np.radians(np.asarray(other_ra, "f8") - ra)
    latitude, other_latitude = np.radians(np.asarray(dec, "f8")), np.radians(other_dec)
    haversine = (
        np.sin((other_latitude - latitude) / 2) ** 2
        + np.cos(other_latitude) * np.cos(latitude) * np.sin(longitude / 2) ** 2
    )
    return np.asarray(np.degrees(2 * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))))


def separation_sql(ra: str, dec: str) -> str:
    """Return SQL for the separation of a spectrum from a position, in degrees.

    Parameters
    ----------
    ra, dec
        SQL expressions of the position, in degrees.  The spectrum is a row named ``c`` of
        SpectralCharacteristics.
    """
    return _SEPARATION_SQL.format(ra=ra, dec=dec)
