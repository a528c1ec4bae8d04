"""Synthetic extracted spectra (x1d), in the layout of the MIRI MRS."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from bench.headers import asdf_table, primary

UNITS = {
    "WAVELENGTH": "um",
    "FLUX": "Jy",
    "FLUX_ERROR": "Jy",
    "FLUX_VAR_POISSON": "Jy^2",
    "FLUX_VAR_RNOISE": "Jy^2",
    "FLUX_VAR_FLAT": "Jy^2",
    "SURF_BRIGHT": "MJy/sr",
    "SB_ERROR": "MJy/sr",
    "SB_VAR_POISSON": "MJy^2 / sr^2",
    "SB_VAR_RNOISE": "MJy^2 / sr^2",
    "SB_VAR_FLAT": "MJy^2 / sr^2",
    "DQ": "",
    "BACKGROUND": "MJy/sr",
    "BKGD_ERROR": "MJy/sr",
    "BKGD_VAR_POISSON": "MJy^2 / sr^2",
    "BKGD_VAR_RNOISE": "MJy^2 / sr^2",
    "BKGD_VAR_FLAT": "MJy^2 / sr^2",
    "NPIXELS": "",
}
"""The 18 columns and their units."""


def write_spectrum(folder: Path, rows: int, number: int = 1) -> Path:
    """Write an x1d with `rows` rows, one in a hundred of them without values."""
    path = folder / f"jw01234-o{number:03d}_t001_miri_ch1-short_x1d.fits"
    rng = np.random.default_rng(number)
    values = {name: rng.lognormal(0, 1, rows) for name in UNITS}
    empty = rng.random(rows) < 0.01
    for name, column in values.items():
        column[empty] = 0 if name.startswith("BKGD") else np.nan
    values["WAVELENGTH"] = np.linspace(4.90, 5.74, rows)
    values["DQ"] = empty.astype(np.uint32)
    write_columns(path, values)
    return path


def write_columns(path: Path, values: dict[str, NDArray[Any]]) -> None:
    """Write an x1d with these columns."""
    columns = [_column(name, values[name]) for name in UNITS]
    table = fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")
    table.header["SRCTYPE"] = "EXTENDED"
    file = fits.HDUList([primary(path.name, "MRSMultiSpecModel"), table, asdf_table()])
    file.writeto(path)


def _column(name: str, values: NDArray[Any]) -> fits.Column:
    if name == "DQ":
        return fits.Column(name, "J", bzero=2**31, array=values)
    return fits.Column(name, "D", unit=UNITS[name] or None, array=values)
