"""Units as people and files write them, and conversion of spectral coordinates to micron."""

import re
import unicodedata
import warnings
from functools import cache
from typing import Any

import numpy as np

from spectraldb.arrays import Array

MICRON = "um"

READABLE = frozenset(
    {"", "um", "Jy", "MJy", "mJy", "uJy", "MJy/sr", "Jy^2", "MJy^2", "MJy^2 / sr^2", "DN/s", "deg"}
)
"""Common units that astropy reads as they are; astropy itself is slow to import."""

_SPELLINGS = {
    "a": "AA",
    "aa": "AA",
    "ang": "AA",
    "angstrom": "AA",
    "angstroms": "AA",
    "cm": "cm",
    "dex": "dex",
    "erg": "erg",
    "ergs": "erg",
    "ev": "eV",
    "ghz": "GHz",
    "hertz": "Hz",
    "hz": "Hz",
    "jansky": "Jy",
    "janskys": "Jy",
    "janskies": "Jy",
    "jy": "Jy",
    "kev": "keV",
    "mag": "mag",
    "megajansky": "MJy",
    "meter": "m",
    "meters": "m",
    "metre": "m",
    "metres": "m",
    "microjansky": "uJy",
    "micrometer": "um",
    "micrometers": "um",
    "micrometre": "um",
    "micrometres": "um",
    "micron": "um",
    "microns": "um",
    "millijansky": "mJy",
    "mm": "mm",
    "mum": "um",
    "nanojansky": "nJy",
    "nanometer": "nm",
    "nanometers": "nm",
    "nanometre": "nm",
    "nanometres": "nm",
    "njy": "nJy",
    "nm": "nm",
    "s": "s",
    "sec": "s",
    "second": "s",
    "seconds": "s",
    "sr": "sr",
    "steradian": "sr",
    "thz": "THz",
    "ujy": "uJy",
    "um": "um",
    "w": "W",
    "watt": "W",
}
"""Spellings in lower case that astropy does not read, or reads only in another case."""

_EXACT = {"MJY": "MJy", "Mjy": "MJy", "mjy": "mJy"}
"""Spellings whose case tells mega from milli."""

_WORD = re.compile(r"[A-Za-z\u00b5\u03bc\u212b\u00c5]+")
_MAGNITUDE = re.compile(r"(ab|st)[ _]?mags?|mags?[ _]?\(?(ab|st)\)?", re.IGNORECASE)
_FORMATS = (None, "fits", "cds", "ogip")
"""The formats of astropy, without VOUnit, in which every word is a unit."""


@cache
def parse_unit(text: str) -> Any:  # noqa: ANN401 - a unit of astropy, which has no types
    """Return a unit of astropy for a text, or None if it is not a unit.

    Reads what astropy reads in any of its formats, and the spellings of files and people: any
    case, plurals, and ``microns`` or ``JY``.
    """
    from astropy import units as u  # noqa: PLC0415 - slow, and most requests have no unit

    text = unicodedata.normalize("NFKC", text.strip())
    if match := _MAGNITUDE.fullmatch(text):
        text = f"mag({(match[1] or match[2]).upper()})"
    respelt = _WORD.sub(lambda match: _EXACT.get(match[0]) or _word(match[0]), text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about deprecated spellings, which are read anyway
        for candidate in dict.fromkeys((text, respelt)):
            for form in _FORMATS:
                try:
                    return u.Unit(candidate, format=form)
                except (ValueError, TypeError, AttributeError):
                    continue
    return None


def _word(word: str) -> str:
    return _SPELLINGS.get(word.lower(), word)


def readable_unit(text: str) -> str:
    """Return a unit of a file in a form that astropy reads; as it is if it is not a unit."""
    text = text.strip()
    if text in READABLE:
        return text
    from astropy import units as u  # noqa: PLC0415 - as above

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            u.Unit(text)
        except (ValueError, TypeError):
            parsed = parse_unit(text)
            return text if parsed is None else str(parsed.to_string())
    return text


@cache
def is_spectral(unit: str) -> bool:
    """Return whether a unit is one of wavelength, frequency, wavenumber or photon energy."""
    if unit == MICRON:
        return True
    from astropy import units as u  # noqa: PLC0415 - as above

    parsed = parse_unit(unit)
    if parsed is None or not hasattr(parsed, "is_equivalent"):
        return False
    return bool(parsed.is_equivalent(u.um, equivalencies=u.spectral()))


def to_micron(values: Array, unit: str) -> Array:
    """Return spectral coordinates as wavelengths in micron; unchanged if they are in micron.

    Parameters
    ----------
    values
        Wavelengths, frequencies, wavenumbers or photon energies, of any shape.
    unit
        Their unit, for which `is_spectral` is true; empty for micron.

    Returns
    -------
    Array
        Of the same shape.  Lengths are scaled; other quantities are converted by c = lambda nu.
        Infinite where a frequency is 0.
    """
    if unit in ("", MICRON):
        return values
    from astropy import units as u  # noqa: PLC0415 - as above

    parsed = parse_unit(unit)
    if parsed == u.um:
        return values
    if parsed.is_equivalent(u.um):
        return scaled(np.asarray(values, "f8"), float(parsed.to(u.um)))
    with np.errstate(divide="ignore", invalid="ignore"):
        converted = parsed.to(u.um, np.asarray(values, "f8"), equivalencies=u.spectral())
    return np.asarray(converted)


def scaled(values: Array, factor: float) -> Array:
    """Return values times a factor, dividing where the inverse is a whole number.

    Division by 10000 is exact where multiplication by 0.0001, which is not exact in binary, is
    not.
    """
    inverse = round(1 / factor) if factor else 0
    if inverse > 1 and abs(inverse * factor - 1) < 1e-12:
        return np.asarray(values / inverse)
    rounded = round(factor)
    if rounded > 1 and abs(factor / rounded - 1) < 1e-12:
        return np.asarray(values * rounded)
    return np.asarray(values * factor)


def known_wavelengths(wavelength: Array) -> Array:
    """Return wavelengths with NaN for those that are not finite and positive."""
    with np.errstate(invalid="ignore"):
        known = (wavelength > 0) & (wavelength < np.inf)
    return wavelength if known.all() else np.where(known, wavelength, np.nan)
