"""The solid angle of a spaxel, which turns sums of surface brightnesses into flux densities."""

from dataclasses import dataclass
from functools import cache

from spectraldb.fits.header import Header

ARCSEC2 = 2.350443053909789e-11
"""Square arcseconds in steradian, (pi / 648000)^2."""


@dataclass(frozen=True)
class PixelArea:
    """The nominal solid angle of a pixel, and the keyword that it comes from."""

    steradian: float
    keyword: str

    def __str__(self) -> str:
        return f"{self.steradian:.6g} sr ({self.keyword})"


def pixel_area(header: Header) -> PixelArea | None:
    """Return the solid angle of the pixels of an image: PIXAR_SR, or else PIXAR_A2 in arcsec2.

    Returns None if the header has neither, or no positive number.
    """
    for keyword, scale in (("PIXAR_SR", 1.0), ("PIXAR_A2", ARCSEC2)):
        value = header.get(keyword)
        if isinstance(value, int | float) and 0 < value < float("inf"):
            return PixelArea(float(value) * scale, keyword)
    return None


@cache
def flux_density_unit(unit: str) -> tuple[str, float] | None:
    """Return the unit of a surface brightness times sr, and the factor to it; None for others.

    A surface brightness per frequency gives Jy: the factor of MJy/sr is 1e6.
    """
    if unit == "MJy/sr":
        return "Jy", 1e6
    from astropy import units as u  # noqa: PLC0415 - slow, and nearly all cubes are in MJy/sr

    product = u.Unit(unit, parse_strict="silent")
    if isinstance(product, u.UnrecognizedUnit):
        return None
    product = product * u.sr
    for target in (u.Jy, u.Unit("erg s-1 cm-2 um-1")):
        if product.is_equivalent(target):
            return target.to_string(), float(product.to(target))
    return None
