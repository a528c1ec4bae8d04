"""Correction of units: some pipeline releases wrote wrong or unreadable units."""

import re

from spectraldb.fits.header import Header
from spectraldb.schema.columns import by_fits_name
from spectraldb.units import readable_unit

_SQUARED_RATIO = re.compile(r"\(\s*(\w+)\s*/\s*(\w+)\s*\)\s*(?:\^|\*\*)?\s*2")
_FLUX_COLUMNS = frozenset({"flux", "fluxErr", "fluxVarPoisson", "fluxVarRnoise", "fluxVarFlat"})

_SOSS_IN_MJY = (1, 4, 0), (1, 10, 1)
"""First version that wrote SOSS fluxes in MJy, and the first that labelled them so."""

Version = tuple[int, ...]

_NEWEST: Version = (999,)


def calibration_version(primary_header: Header) -> Version:
    """Return CAL_VER, the version of the jwst package, as numbers; the newest if missing."""
    text = str(primary_header.get("CAL_VER") or "")
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(n) for n in match[0].split(".")) if match else _NEWEST


def corrected_unit(name: str, unit: str, primary_header: Header, science_header: Header) -> str:
    """Return the true unit of a FITS column or extension, in a form that astropy parses.

    Three errors are corrected, all documented in the change log of the jwst package:
    ``(MJy/sr)^2`` is not valid in any unit standard (#7511); SOSS fluxes in MJy were labelled Jy
    from 1.4.0, whose SOSS extraction was the first to write MJy, until 1.10.0 (#7538); calibrated
    2-D spectra could be labelled DN/s before 1.14.0 (#8294).

    Parameters
    ----------
    name
        Name of the FITS column or extension.
    unit
        Unit as written in the file.
    primary_header, science_header
        The primary header and the header of the first science extension.
    """
    version = calibration_version(primary_header)
    unit = _SQUARED_RATIO.sub(r"\1^2 / \2^2", unit.strip())
    soss = primary_header.get("EXP_TYPE") == "NIS_SOSS"
    first, fixed = _SOSS_IN_MJY
    column = by_fits_name(name)
    if soss and first <= version < fixed and column and column.name in _FLUX_COLUMNS:
        return re.sub(r"^Jy", "MJy", unit)
    calibrated = primary_header.get("S_PHOTOM") == "COMPLETE"
    if name.upper() in ("SCI", "ERR") and unit == "DN/s" and calibrated and version < (1, 14, 0):
        return _calibrated_unit(primary_header, science_header)
    return readable_unit(unit)


def _calibrated_unit(primary_header: Header, science_header: Header) -> str:
    """Return the unit of calibrated 2-D spectra: MJy for NIRSpec point sources, else MJy/sr."""
    point_source = science_header.get("SRCTYPE") == "POINT"
    return "MJy" if point_source and primary_header.get("INSTRUME") == "NIRSPEC" else "MJy/sr"
