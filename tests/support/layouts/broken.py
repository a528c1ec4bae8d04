"""Files that must be refused, each for one reason."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from tests.support.layouts import s3d
from tests.support.layouts.common import (
    Array,
    Broken,
    Gzipped,
    Mode,
    Write,
    block,
    grid,
    primary_hdu,
)
from tests.support.layouts.plain import plain_table
from tests.support.layouts.s3d import celestial
from tests.support.layouts.tables import SPECTRUM_COLUMNS, Style
from tests.support.layouts.wfss import Exposures

_BLOCK = 2880
_MOS = Mode("NIRSPEC", "NRS_MSASPEC", "3.0.0", {"filter": "F290LP", "grating": "G395M"})
_MRS = Mode("MIRI", "MIR_MRS", "3.0.0", {"channel": "1", "band": "SHORT"})
_IMAGING = Mode("NIRCAM", "NRC_IMAGE", "3.0.0", {"filter": "F200W", "pupil": "CLEAR"})
_WAVELENGTH = grid(2.87, 5.27, 40)
_NOTHING: Array = np.zeros(0)


@dataclass(frozen=True)
class Plain:
    """Write a primary HDU and further HDUs."""

    hdus: Callable[[], list[Any]]
    mode: Mode = _MOS
    telescope: str = "JWST"

    def __call__(self, path: Path) -> None:
        primary = primary_hdu(self.mode, TELESCOP=self.telescope)
        fits.HDUList([primary, *self.hdus()]).writeto(path)


@dataclass(frozen=True)
class Cut:
    """Write a product and truncate it, like an interrupted transfer."""

    whole: Write
    keep: Callable[[Path], int]

    def __call__(self, path: Path) -> None:
        self.whole(path)
        size = self.keep(path)
        path.write_bytes(path.read_bytes()[:size])


@dataclass(frozen=True)
class Content:
    """Write bytes."""

    content: bytes

    def __call__(self, path: Path) -> None:
        path.write_bytes(self.content)


def _within_data(path: Path) -> int:
    with fits.open(path) as hdul:
        info = hdul["EXTRACT1D"].fileinfo()
        return int(info["datLoc"] + _BLOCK // 2)


def _within_header(path: Path) -> int:
    with fits.open(path) as hdul:
        return int(hdul["EXTRACT1D"].fileinfo()["hdrLoc"] + _BLOCK // 2)


def _half(path: Path) -> int:
    return path.stat().st_size // 2


def _spectrum() -> list[Any]:
    table = plain_table(_WAVELENGTH, SPECTRUM_COLUMNS, "u4", Style())
    table.name = "EXTRACT1D"
    return [table]


def _no_rows() -> list[Any]:
    return [fits.BinTableHDU(_spectrum()[0].data[:0], name="EXTRACT1D")]


def _no_wavelength() -> list[Any]:
    columns = [column for column in _spectrum()[0].columns if column.name != "WAVELENGTH"]
    return [fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")]


def _image() -> list[Any]:
    return [fits.ImageHDU(block((8, 9), kind), name=n) for kind, n in enumerate(("SCI", "ERR"))]


def _cube(err_planes: int, axis: dict[str, object]) -> list[Any]:
    science = fits.ImageHDU(block((12, s3d.NY, s3d.NX), 0), name="SCI")
    keywords = {**celestial(10.0, 0.0), **axis, "bunit": "MJy/sr"}
    science.header.update({name.upper(): value for name, value in keywords.items()})
    error = fits.ImageHDU(block((err_planes, s3d.NY, s3d.NX), 1), name="ERR")
    return [science, error]


def _unequal() -> list[Any]:
    return _cube(11, s3d.linear(5.0, 0.0625))


def _no_spectral_axis() -> list[Any]:
    return _cube(12, {})


_WHOLE = Plain(_spectrum)
_ABSENT = Exposures((5, 7), ((_NOTHING, _NOTHING), (_NOTHING, _NOTHING)))


def _broken(key: str, stem: str, reason: str, write: Write) -> Broken:
    return Broken(key, f"jw01234-{stem}.fits", reason, write)


def _mos(key: str, number: int, reason: str, write: Write) -> Broken:
    stem = f"o101_s{number:09d}_nirspec_f290lp-g395m_x1d"
    return _broken(key, stem, reason, write)


_CUBE = "miri_ch1-short_s3d"
_GZIPPED = "jw01234-o101_s000000003_nirspec_f290lp-g395m_x1d.fits.gz"

BROKEN = (
    _mos("truncated-data", 1, "truncated", Cut(_WHOLE, _within_data)),
    _mos("truncated-header", 2, "truncated", Cut(_WHOLE, _within_header)),
    Broken("truncated-gzip", _GZIPPED, "truncated", Cut(Gzipped(_WHOLE), _half)),
    _mos("empty", 4, "empty", Content(b"")),
    _mos("text", 5, "not a fits file", Content(b"<html><body>404 Not Found</body></html>\n" * 200)),
    _mos("hubble", 6, "telescop", Plain(_spectrum, telescope="HST")),
    _mos("no-rows", 7, "no rows", Plain(_no_rows)),
    _mos("no-wavelength", 8, "wavelength", Plain(_no_wavelength)),
    _broken("image", "o102_t001_nircam_clear-f200w_i2d", "no spectrum", Plain(_image, _IMAGING)),
    _broken("all-absent", "o103_t001_niriss_f115w-gr150c_x1d", "no spectrum", _ABSENT),
    _broken("unequal-shapes", f"o104_t001_{_CUBE}", "shape", Plain(_unequal, _MRS)),
    _broken("no-spectral-axis", f"o105_t001_{_CUBE}", "wavelength", Plain(_no_spectral_axis, _MRS)),
)
