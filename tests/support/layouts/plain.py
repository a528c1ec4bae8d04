"""Extracted spectra that the pipeline's data models cannot write."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from tests.support.layouts.common import Array, Layout, Mode, grid, primary_hdu
from tests.support.layouts.tables import SPECTRUM_COLUMNS, UNFLAGGED, Style, fill

_EARLY_COLUMNS = (
    *("WAVELENGTH", "FLUX", "ERROR", "SURF_BRIGHT", "SB_ERROR", "DQ"),
    *("BACKGROUND", "BERROR", "NPIXELS"),
)


@dataclass(frozen=True)
class BeforeLaunch:
    """The layout before 1.2.0: ERROR and BERROR, no variances, an SCI HDU without data."""

    wavelength: Array

    def __call__(self, path: Path) -> None:
        optics = {"filter": "F170LP", "grating": "G235M"}
        mode = Mode("NIRSPEC", "NRS_MSASPEC", "0.18.3", optics)
        table = plain_table(self.wavelength, _EARLY_COLUMNS, "u4", Style(bad=UNFLAGGED))
        table.name = "EXTRACT1D"
        table.header.update({"SOURCEID": 1, "SRCTYPE": "POINT", "SPORDER": -1})
        sci = fits.ImageHDU(name="SCI")
        fits.HDUList([primary_hdu(mode, DATAMODL="MultiSpecModel"), sci, table]).writeto(path)


@dataclass(frozen=True)
class Reworked:
    """A survey team's file: the table has no name, and DQ is float64."""

    wavelength: Array

    def __call__(self, path: Path) -> None:
        optics = {"filter": "CLEAR", "grating": "PRISM"}
        mode = Mode("NIRSPEC", "NRS_MSASPEC", "1.17.1", optics)
        table = plain_table(self.wavelength, SPECTRUM_COLUMNS, "f8", Style())
        fits.HDUList([primary_hdu(mode), table]).writeto(path)


def plain_table(
    wavelength: Array, names: tuple[str, ...], flags: str, style: Style
) -> fits.BinTableHDU:
    """Return a table with these columns: DQ with type `flags`, all others float64."""
    dtype = [(name, flags if name == "DQ" else "f8") for name in names]
    data: Any = np.zeros(len(wavelength), dtype=dtype)
    fill(data, wavelength, 0, style)
    if "BERROR" in names:
        data["BERROR"] = 0.5 + np.arange(len(data)) / 2000
    hdu = fits.BinTableHDU(data)
    for index, name in enumerate(names, 1):
        unit = "MJy/sr" if name == "BERROR" else style.units.of(name)
        if unit is not None:
            hdu.header[f"TUNIT{index}"] = unit
    return hdu


def _layout(key: str, file_name: str, write: BeforeLaunch | Reworked) -> Layout:
    return Layout(key, file_name, "x1d", 1, "Jy", write.wavelength, write)


LAYOUTS = (
    _layout(
        "x1d-l0",
        "jw00626-o030_s00001_nirspec_f170lp-g235m_x1d.fits",
        BeforeLaunch(grid(1.66, 3.17, 18)),
    ),
    _layout("x1d-team", "team-release2_mos_00042_x1d.fits", Reworked(grid(0.6, 5.3, 24))),
)
