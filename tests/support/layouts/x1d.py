"""Extracted spectra (x1d) with one row per wavelength."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy.io import fits

from tests.support.layouts import tables
from tests.support.layouts.common import Array, Gzipped, Layout, Mode, grid, insert_hdus, new_model
from tests.support.layouts.tables import (
    COUNTS,
    EMPTY_APERTURE,
    JY_BRACKETED,
    MJY,
    UNFLAGGED,
    Style,
    Units,
    spectrum,
)


@dataclass(frozen=True)
class Spectra:
    """A file with one EXTRACT1D HDU per spectrum."""

    mode: Mode
    spectra: tuple[Array, ...]
    style: Style = field(default_factory=Style)
    header: Mapping[str, object] = field(default_factory=dict)
    orders: tuple[int, ...] = ()
    item: str = "SpecModel"
    # SOSS files before 3.0.0 contain an SCI HDU without data.
    empty_sci: bool = False

    def __call__(self, path: Path) -> None:
        model = new_model(self.item.replace("Spec", "MultiSpec"), self.mode)
        for number, wavelength in enumerate(self.spectra):
            order = {"spectral_order": self.orders[number]} if self.orders else {}
            header = {**self.header, **order}
            model.spec.append(spectrum(self.item, wavelength, number, self.style, header))
        model.save(path)
        if self.empty_sci:
            insert_hdus(path, [fits.ImageHDU(name="SCI")], 1)


# For MOS, the target position is not the source position, so a reader must prefer SRCRA and
# SRCDEC. The slit name of a level-3 MOS spectrum is the exposure type.
_MOS_SOURCE: dict[str, object] = {
    "source_id": 6355,
    "source_type": "POINT",
    "source_ra": 10.0178,
    "source_dec": -20.0045,
    "name": "NRS_MSASPEC",
    "slitlet_id": 72,
    "spectral_order": -1,
}


def _mos(cal_ver: str, style: Style, source_type: str) -> Spectra:
    optics = {"filter": "F290LP", "grating": "G395M"}
    mode = Mode("NIRSPEC", "NRS_MSASPEC", cal_ver, optics)
    header = {**_MOS_SOURCE, "source_type": source_type}
    return Spectra(mode, (grid(2.87, 5.27, 20),), style, header)


def _soss(cal_ver: str, units: Units) -> Spectra:
    mode = Mode("NIRISS", "NIS_SOSS", cal_ver, {"filter": "CLEAR", "pupil": "GR700XD"})
    style = Style(units, bad=UNFLAGGED, zero=tables.ZERO_BRIGHTNESS)
    orders = (grid(0.85, 2.8, 20), grid(0.6, 1.4, 18))
    return Spectra(mode, orders, style, {"source_type": "POINT"}, (1, 2), empty_sci=True)


_IFU_STYLE = Style(JY_BRACKETED, EMPTY_APERTURE, tables.ZERO_VARIANCES)
_COUNTS = Spectra(
    Mode(
        *("NIRSPEC", "NRS_MSASPEC", "1.20.2"),
        {"filter": "CLEAR", "grating": "PRISM"},
        photom="SKIPPED",
    ),
    (grid(0.6, 5.3, 20),),
    Style(COUNTS),
    # A negative identifier marks a virtual slit, and the order of the prism is 0.
    {**_MOS_SOURCE, "source_id": -353, "source_type": "UNKNOWN", "spectral_order": 0},
)
_FIXED_SLIT = Spectra(
    Mode("NIRSPEC", "NRS_FIXEDSLIT", "3.0.0", {"filter": "F290LP", "grating": "G395H"}),
    (grid(2.88, 5.14, 22),),
    header={"name": "S1600A1", "source_id": 1, "source_type": "POINT", "spectral_order": -1},
)
_SLITLESS = Spectra(
    Mode("NIRISS", "NIS_WFSS", "1.12.5", {"filter": "GR150C", "pupil": "F115W"}),
    tuple(grid(1.0 + 0.01 * i, 1.3 - 0.01 * i, 15 + i) for i in range(3)),
    Style(bad=UNFLAGGED),
    {"source_id": 7, "source_type": "EXTENDED", "source_ra": 10.007, "source_dec": -20.007},
    (1, 1, 2),
)
_MRS = Spectra(
    Mode("MIRI", "MIR_MRS", "3.0.0", {"channel": "1", "band": "SHORT"}),
    (grid(4.9, 5.74, 20),),
    _IFU_STYLE,
    {"source_type": "POINT", "extraction_x": 20.5, "extraction_y": 21.5, "name": "MIR_MRS"},
    item="MRSSpecModel",
)
_IFU = Spectra(
    Mode("NIRSPEC", "NRS_IFU", "1.11.4", {"filter": "F290LP", "grating": "G395H"}),
    (grid(2.86, 5.27, 21),),
    _IFU_STYLE,
    {"source_type": "EXTENDED", "extraction_x": 25.5, "extraction_y": 24.5, "name": "NRS_IFU"},
)
_LRS = Spectra(
    Mode("MIRI", "MIR_LRS-FIXEDSLIT", "3.0.0", {"filter": "P750L"}),
    (grid(14.0, 5.0, 25),),  # descending: the extraction does not sort
    header={"source_type": "POINT", "name": "MIR_LRS-FIXEDSLIT", "spectral_order": 1},
)


def _layout(key: str, stem: str, product: Spectra, unit: str = "Jy") -> Layout:
    name, wavelength = f"{stem}_x1d.fits", np.concatenate(product.spectra)
    return Layout(key, name, "x1d", len(product.spectra), unit, wavelength, product)


def _gzipped(plain: Layout) -> Layout:
    name, write = f"{plain.file_name}.gz", Gzipped(plain.write)
    return Layout("x1d-gz", name, "x1d", plain.spectra, plain.flux_unit, plain.wavelength, write)


_MOS = _mos("3.0.0", Style(), "POINT")
_MOS_OLD = _mos("1.12.5", Style(bad=UNFLAGGED), "EXTENDED")
_SOSS = "niriss_clear-gr700xd-substrip256"
_SLIT_STEM = "jw01234-o009_t002-s000000001_nirspec_f290lp-g395h-s1600a1"

LAYOUTS = (
    _layout("x1d-mos", "jw01234-o001_s000006355_nirspec_f290lp-g395m", _MOS),
    _layout("x1d-mos-old", "jw01234-o001_s06355_nirspec_f290lp-g395m", _MOS_OLD),
    _layout("x1d-counts", "jw01234-o008_v000000353_nirspec_clear-prism", _COUNTS, "DN/s"),
    _layout("x1d-wfss-hdus", "jw01234-o002_s00007_niriss_f115w-gr150c", _SLITLESS),
    _layout("x1d-mrs", "jw01234-o003_t001_miri_ch1-short", _MRS),
    _layout("x1d-ifu", "jw01234-o004_t002_nirspec_g395h-f290lp", _IFU),
    _layout("x1d-soss-jy", f"jw01234-o005_t001_{_SOSS}", _soss("1.9.0", JY_BRACKETED), "MJy"),
    _layout("x1d-soss-mjy", f"jw01234-o006_t001_{_SOSS}", _soss("1.12.0", MJY), "MJy"),
    _layout("x1d-lrs", "jw01234-o007_t001_miri_p750l", _LRS),
    _gzipped(_layout("x1d-gz", _SLIT_STEM, _FIXED_SLIT)),
)
