"""Units as they should be: some releases of the pipeline wrote wrong or unreadable ones."""

import re

from spectraldb.fits.header import Header

_SQUARED_RATIO = re.compile(r"\(\s*(\w+)\s*/\s*(\w+)\s*\)\s*(?:\^|\*\*)?\s*2")
_FLUX_COLUMNS = re.compile(r"FLUX|FLUX_ERROR|ERROR|FLUX_VAR_\w+")

Version = tuple[int, ...]


def calibration_version(primary: Header) -> Version:
    """Return CAL_VER as numbers; without one, the newest there could be."""
    text = str(primary.get("CAL_VER") or "")
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(n) for n in match[0].split(".")) if match else (999,)


def right_unit(name: str, unit: str, primary: Header, science: Header) -> str:
    """Return the unit that a FITS column or extension really has, in a form astropy reads.

    Three mistakes are mended, each documented in the change log of the jwst package:
    ``(MJy/sr)^2`` is no unit string of any standard (#7511); SOSS fluxes are in MJy and were
    labelled Jy before 1.10.1 (#7538); calibrated 2-D spectra could say DN/s before 1.14.0
    (#8294).
    """
    version = calibration_version(primary)
    unit = _SQUARED_RATIO.sub(r"\1^2 / \2^2", unit.strip())
    soss = primary.get("EXP_TYPE") == "NIS_SOSS"
    if soss and version < (1, 10, 1) and _FLUX_COLUMNS.fullmatch(name):
        return re.sub(r"^Jy", "MJy", unit)
    calibrated = primary.get("S_PHOTOM") == "COMPLETE"
    if name in ("SCI", "ERR") and unit == "DN/s" and calibrated and version < (1, 14, 0):
        return _calibrated_unit(primary, science)
    return unit


def _calibrated_unit(primary: Header, science: Header) -> str:
    point = science.get("SRCTYPE") == "POINT"
    return "MJy" if point and primary.get("INSTRUME") == "NIRSPEC" else "MJy/sr"
