"""Rectified slit images (s2d): one slit (level 3) or several (level 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from astropy.io import fits

from tests.support.layouts.common import (
    S_REGION,
    Array,
    Layout,
    Mode,
    assign,
    block,
    datamodels,
    grid,
    header_table,
    insert_hdus,
    new_model,
)
from tests.support.layouts.slitwcs import slit_wcs

INFINITE, BAD = (2, 1), (3, 4)  # (y, x) of the deliberate defects
_MOS_OPTICS = {"filter": "F290LP", "grating": "G395M"}


@dataclass(frozen=True)
class Slit:
    """The images of one slit."""

    wavelength: Array
    n_spatial: int
    unit: str
    # SCI and ERR where the weight is 0: (0, 0) before 1.15, (0, NaN) in 1.15, (NaN, NaN) later.
    no_data: tuple[float, float] = (np.nan, np.nan)
    dispaxis: int = 1
    has_wavelength: bool = True
    has_dq: bool = False
    header: Mapping[str, object] = field(default_factory=dict)
    number: int = 0

    def fill(self, model: Any) -> Any:
        """Add the images, the coordinates and the keywords to a SlitModel."""
        assign(model, self._images())
        if self.has_wavelength:
            model.wavelength = self._wavelengths()
        if self.has_dq:
            model.dq = self._flags()
        model.meta.bunit_data = model.meta.bunit_err = self.unit
        model.meta.wcsinfo.dispersion_direction = self.dispaxis
        model.meta.wcsinfo.s_region = S_REGION
        model.meta.wcs = slit_wcs(self.wavelength, self.n_spatial, self.dispaxis)
        assign(model, self.header)
        return model

    @property
    def shape(self) -> tuple[int, int]:
        pair = (self.n_spatial, len(self.wavelength))
        return pair if self.dispaxis == 1 else pair[::-1]

    def _edge(self) -> tuple[slice | int, slice | int]:
        return (0, slice(None)) if self.dispaxis == 1 else (slice(None), 0)

    def _images(self) -> dict[str, object]:
        names = ("data", "err", "wht", "var_poisson", "var_rnoise", "var_flat")
        images = {name: self._image(kind) for kind, name in enumerate(names)}
        edge = self._edge()
        images["wht"][edge] = 0
        images["data"][edge], images["err"][edge] = self.no_data
        images["data"][INFINITE] = np.inf
        images["data"][BAD] = np.nan
        context = self._image(len(names)).astype("i4")[np.newaxis]
        context[(0, *edge)] = 0
        return {**images, "con": context}

    def _image(self, kind: int) -> npt.NDArray[np.float32]:
        pixels = block(self.shape, kind + 10 * self.number)
        return pixels if kind == 0 else pixels / np.float32(1000)

    def _wavelengths(self) -> npt.NDArray[np.float32]:
        along = self.wavelength if self.dispaxis == 1 else self.wavelength[:, np.newaxis]
        return np.broadcast_to(along, self.shape).astype("f4")

    def _flags(self) -> npt.NDArray[np.uint32]:
        flags = np.zeros(self.shape, "u4")
        flags[self._edge()] = 513
        flags[BAD] = 1
        flags[INFINITE] = 2**31  # reveals a reader of signed integers
        return flags


@dataclass(frozen=True)
class SingleSlit:
    """A level-3 file with one slit, so that each extension occurs once."""

    mode: Mode
    slit: Slit

    def __call__(self, path: Path) -> None:
        self.slit.fill(new_model("SlitModel", self.mode)).save(path)
        insert_hdus(path, [header_table()])


@dataclass(frozen=True)
class MultiSlit:
    """A level-2 file with several slits, whose extensions differ in EXTVER."""

    mode: Mode
    slits: tuple[Slit, ...]

    def __call__(self, path: Path) -> None:
        model = new_model("MultiSlitModel", self.mode)
        for slit in self.slits:
            model.slits.append(slit.fill(datamodels().SlitModel()))
        model.save(path)


@dataclass(frozen=True)
class TableWcs:
    """
    The layout announced for the next release: the header refers to wavelengths in a WCS-TABLE.

    The table also has a column of another slit with other wavelengths, so a reader must use PSi_1.
    """

    plain: SingleSlit
    column: str

    def __call__(self, path: Path) -> None:
        self.plain(path)
        insert_hdus(path, [self._table()])
        with fits.open(path, mode="update") as hdul:
            hdul["SCI"].header.update(self._keywords())

    def _table(self) -> fits.BinTableHDU:
        lam = self.plain.slit.wavelength.astype("f4")
        wanted = fits.Column(self.column, f"{len(lam)}E", "um", array=[lam])
        other = fits.Column("wave_slit_other", f"{len(lam)}E", "um", array=[lam[::-1] / 2])
        return fits.BinTableHDU.from_columns([other, wanted], name="WCS-TABLE")

    def _keywords(self) -> dict[str, object]:
        i = self.plain.slit.dispaxis
        j = 3 - i
        spectral = {"CTYPE": "WAVE-TAB", "CUNIT": "um", "CRPIX": 1.0, "CRVAL": 1.0}
        spatial = {"CTYPE": "SPATIAL", "CUNIT": "arcsec", "CRPIX": 1.0, "CRVAL": 0.0}
        return {
            "WCSAXES": 2,
            **{f"{name}{i}": value for name, value in spectral.items()},
            f"PS{i}_0": "WCS-TABLE",
            f"PS{i}_1": self.column,
            **{f"{name}{j}": value for name, value in spatial.items()},
            f"CDELT{j}": 0.1,
        }


def _mos(cal_ver: str) -> Mode:
    return Mode("NIRSPEC", "NRS_MSASPEC", cal_ver, _MOS_OPTICS)


def _source(source_type: str, name: str = "72") -> dict[str, object]:
    # The position is that of the source, which for MOS differs from the target.
    position = {"source_ra": 10.0178, "source_dec": -20.0045}
    return {"source_id": 6355, "name": name, "source_type": source_type, **position}


def _before_114(source_type: str) -> SingleSlit:
    slit = Slit(
        grid(2.87, 5.27, 30),
        8,
        "DN/s",  # wrong: the data are calibrated
        no_data=(0.0, 0.0),
        has_wavelength=False,
        header=_source(source_type),
    )
    return SingleSlit(_mos("1.12.5"), slit)


_NOW = SingleSlit(_mos("3.0.0"), Slit(grid(2.87, 5.27, 30), 8, "MJy", header=_source("POINT")))
_SINCE_115 = SingleSlit(
    _mos("1.15.0"),
    Slit(grid(2.87, 5.27, 28), 7, "MJy/sr", (0.0, np.nan), header=_source("EXTENDED")),
)
_FLAGGED = SingleSlit(
    _mos("2.0.0"), Slit(grid(2.87, 5.27, 27), 7, "MJy", has_dq=True, header=_source("POINT"))
)
_LRS = SingleSlit(
    Mode("MIRI", "MIR_LRS-FIXEDSLIT", "3.0.0", {"filter": "P750L"}),
    Slit(grid(14.0, 5.0, 25), 6, "MJy/sr", dispaxis=2, header={"source_type": "POINT"}),
)
_SLITS = MultiSlit(
    Mode("NIRSPEC", "NRS_FIXEDSLIT", "3.0.0", {"filter": "F290LP", "grating": "G395H"}),
    (
        Slit(grid(2.87, 5.14, 30), 8, "MJy/sr", header=_source("EXTENDED", "S200A1")),
        Slit(grid(2.88, 5.15, 26), 10, "MJy/sr", header=_source("EXTENDED", "S1600A1"), number=1),
    ),
)
_NEXT = TableWcs(
    SingleSlit(
        _mos("3.1.0"),
        Slit(grid(2.87, 5.27, 29), 8, "MJy", has_wavelength=False, header=_source("POINT")),
    ),
    "wave_slit_72",
)


def _layout(key: str, stem: str, write: SingleSlit | TableWcs, unit: str) -> Layout:
    slit = write.slit if isinstance(write, SingleSlit) else write.plain.slit
    name = f"{stem}_s2d.fits"
    return Layout(f"s2d-{key}", name, "s2d", slit.n_spatial, unit, slit.wavelength, write)


_MOS_NAME = "nirspec_f290lp-g395m"

LAYOUTS = (
    _layout("mos", f"jw01234-o001_s000006355_{_MOS_NAME}", _NOW, "MJy"),
    _layout("gwcs-point", f"jw01234-o001_s06355_{_MOS_NAME}", _before_114("POINT"), "MJy"),
    _layout("gwcs-extended", f"jw01234-o001_s06356_{_MOS_NAME}", _before_114("EXTENDED"), "MJy/sr"),
    _layout("nan-error", f"jw01234-o001_s000006357_{_MOS_NAME}", _SINCE_115, "MJy/sr"),
    _layout("dq", f"jw01234-o001_s000006358_{_MOS_NAME}", _FLAGGED, "MJy"),
    _layout("lrs", "jw01234-o007_t001_miri_p750l", _LRS, "MJy/sr"),
    _layout("wcs-table", f"jw01234-o001_s000006359_{_MOS_NAME}", _NEXT, "MJy"),
    Layout(
        "s2d-multislit",
        "jw01234001001_02101_00001_nrs1_s2d.fits",
        "s2d",
        sum(slit.n_spatial for slit in _SLITS.slits),
        "MJy/sr",
        np.concatenate([slit.wavelength for slit in _SLITS.slits]),
        _SLITS,
    ),
)
