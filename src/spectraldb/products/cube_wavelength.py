"""Wavelengths of the planes of a cube, from its WCS-TABLE or the header of SCI.

Axes at equal steps are computed here, and all others by astropy's WCS (wcslib).  Papers I and III
of the FITS WCS are Greisen & Calabretta 2002, A&A 395, 1061, and Greisen et al. 2006, A&A 446, 747.
"""

from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header
from spectraldb.products.cube_wcs import astropy_wcs
from spectraldb.products.wcs import table_values, tabulated_coordinate
from spectraldb.units import is_spectral, parse_unit, to_micron

SPECTRAL_TYPES = frozenset(
    {"WAVE", "AWAV", "FREQ", "ENER", "WAVN", "VRAD", "VOPT", "ZOPT", "VELO", "BETA"}
)
"""Types of spectral axes (paper III, table 1)."""

_PLAIN_TYPES = frozenset({"", "WAVE", "WAVELENGTH", "LAMBDA", "LINEAR", "FREQ", "WAVN", "ENER"})
"""CTYPE3 of coordinates at equal steps whose unit says how to convert them to wavelengths.

Blank, WAVELENGTH, LAMBDA and LINEAR are not in the standard, and mean wavelengths in vacuum.
"""


def cube_wavelength(file: FitsFile, science: Header) -> Array:
    """Return the wavelength in vacuum of each plane of a cube in micron, shape (nz,).

    Raises
    ------
    RefusedError
        If the file has no wavelengths, their unit is not spectral, or they differ within a plane.
    """
    table = file.table("WCS-TABLE")
    if table is not None:
        values, unit = table_values(table, "wavelength")
        if str(science.get("CTYPE3", "")).endswith("-TAB"):
            return to_micron(tabulated_coordinate(values, science, 3), unit)
        if values.size == science["NAXIS3"]:
            return to_micron(values, unit)
    _check_spectral_axis(science)
    kind, _, algorithm = _axis_type(science, 3).partition("-")
    if kind in _PLAIN_TYPES and not algorithm:
        return to_micron(_linear(science), _spectral_unit(science))
    return _by_astropy(science)


def _axis_type(science: Header, axis: int) -> str:
    return str(science.get(f"CTYPE{axis}") or "").strip().upper()


def _check_spectral_axis(science: Header) -> None:
    """Raise RefusedError unless axis 3, and no other, has wavelengths."""
    kinds = {axis: _axis_type(science, axis).partition("-")[0] for axis in (1, 2, 3)}
    others = [axis for axis in (1, 2) if kinds[axis] in SPECTRAL_TYPES]
    if others and kinds[3] not in SPECTRAL_TYPES:
        raise RefusedError(
            f"The spectral axis of the cube is axis {others[0]}. Reorder the axes, so that it is "
            "axis 3."
        )
    if kinds[3] not in SPECTRAL_TYPES | _PLAIN_TYPES:
        raise RefusedError(
            f"The cube has no wavelengths: CTYPE3 is {kinds[3]}, which is not a spectral axis."
        )
    if not all(isinstance(science.get(k), int | float) for k in ("CRVAL3", "CRPIX3")):
        raise RefusedError(
            "The cube has no wavelengths: the file has neither a WCS-TABLE nor CRVAL3 and CRPIX3."
        )
    coupled = [k for k in _couplings(science) if science.get(k) not in (None, 0, 0.0)]
    if coupled:
        raise RefusedError(
            f"The wavelengths of the cube differ within a plane, or its positions among planes: "
            f"{coupled[0]} is {science[coupled[0]]}. Resample the cube."
        )


def _couplings(science: Header) -> list[str]:
    prefix = "CD" if _has_cd(science) else "PC"
    return [f"{prefix}{i}_{j}" for i, j in ((3, 1), (3, 2), (1, 3), (2, 3))]


def _has_cd(science: Header) -> bool:
    return any(f"CD{i}_{j}" in science for i in (1, 2, 3) for j in (1, 2, 3))


def _linear(science: Header) -> Array:
    """Return the coordinate of each plane in the unit of the file (paper I, eq. 1 to 3)."""
    step = _number(science, "CD3_3", 0.0)
    if not _has_cd(science):
        step = _number(science, "CDELT3", 1.0) * _number(science, "PC3_3", 1.0)
    if step == 0 or ("CDELT3" not in science and not _has_cd(science)):
        raise RefusedError("The cube has no wavelengths: its header has neither CDELT3 nor CD3_3.")
    planes = np.arange(1, int(_number(science, "NAXIS3", 0)) + 1)
    start, reference = _number(science, "CRVAL3", 0.0), _number(science, "CRPIX3", 0.0)
    return np.asarray(start + (planes - reference) * step, "f8")


def _number(science: Header, keyword: str, default: float) -> float:
    value = science.get(keyword)
    return float(value) if isinstance(value, int | float) else default


def _spectral_unit(science: Header) -> str:
    unit = str(science.get("CUNIT3") or "um").strip()
    if not is_spectral(unit):
        raise RefusedError(f"The wavelengths of the cube have the unit {unit!r}, which is none.")
    return unit


def _by_astropy(science: Header) -> Array:
    """Return the wavelength in vacuum of each plane in micron, by astropy.

    wcslib translates the types of paper III to wavelengths in vacuum, AWAV with the refraction of
    Edlen.  It cannot translate logarithmic axes, whose values are converted one by one.
    """
    from astropy.wcs import WCSSUB_SPECTRAL  # noqa: PLC0415 - slow to import

    planes = np.arange(int(_number(science, "NAXIS3", 0)))
    kind = _axis_type(science, 3)[:4]
    try:
        spectral = astropy_wcs(_in_joule(science)).sub([WCSSUB_SPECTRAL])
        if spectral.naxis != 1:
            raise RefusedError(f"The cube has no wavelengths that astropy reads: CTYPE3 is {kind}.")
        translated = kind == "WAVE" or (kind != "ENER" and _translate(spectral))
        values = np.asarray(spectral.wcs_pix2world(planes, 0)[0], "f8")
    except ValueError as error:
        raise RefusedError(f"The wavelengths of the cube cannot be computed: {error}") from error
    return values * 1e6 if translated else _from_si(values, kind)


def _in_joule(science: Header) -> Header:
    """Return a header with photon energies in J: wcslib's value of the electron volt is old."""
    unit = parse_unit(str(science.get("CUNIT3") or ""))
    if _axis_type(science, 3)[:4] != "ENER" or unit is None:
        return science
    factor = float(unit.to("J"))
    scaled = {k: _number(science, k, 0.0) * factor for k in ("CRVAL3", "CDELT3")}
    return {**science, **scaled, "CUNIT3": "J"}


def _translate(spectral: Any) -> bool:  # noqa: ANN401 - astropy has no types
    """Translate a spectral axis to wavelengths in vacuum; return whether wcslib can."""
    try:
        spectral.wcs.sptr("WAVE-???")
    except ValueError:
        return False
    return True


def _from_si(values: Array, kind: str) -> Array:
    """Return coordinates in SI units as wavelengths in micron."""
    units = {"FREQ": "Hz", "WAVN": "m-1", "ENER": "J"}
    if kind == "AWAV":
        return air_to_vacuum(values * 1e6)
    if kind not in units:
        raise RefusedError(f"The type of the spectral axis is not supported: CTYPE3 is {kind}.")
    return to_micron(values, units[kind])


def air_to_vacuum(wavelength: Array) -> Array:
    """Return wavelengths in vacuum for wavelengths in standard air, both in micron.

    The refraction is that of B. Edlen 1953, JOSA 43, 339, as in wcslib.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = wavelength**-2.0
        refraction = 1.000064328 + 2.94981e-2 / (146 - squared) + 2.554e-4 / (41 - squared)
    return np.asarray(wavelength * refraction)
