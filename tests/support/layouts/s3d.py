"""Spectral cubes (s3d)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from astropy.io import fits

from tests.support.layouts.common import (
    S_REGION,
    TARGET_DEC,
    TARGET_RA,
    Array,
    Layout,
    Mode,
    assign,
    block,
    grid,
    new_model,
    primary_hdu,
)

NY, NX = 5, 6
INFINITE, BAD, HOLE = (2, 3, 1), (3, 2, 4), (1, 4, 4)  # (z, y, x) of the deliberate defects
_ROTATION = math.radians(40.0)


@dataclass(frozen=True)
class Cube:
    """A cube of cube_build; the row y = 0 is outside the field."""

    cal_ver: str
    wavelength: Array
    # Keywords of the third axis, by attribute of the data model's wcsinfo.
    axis: Mapping[str, object]
    table: Array | None = None
    # SCI and ERR outside the field: NaN since 1.9.0, 0 before.
    no_data: float = np.nan
    ra: float = TARGET_RA
    rotation: float = 0.0
    band: str = "SHORT"

    def __call__(self, path: Path) -> None:
        mode = Mode("MIRI", "MIR_MRS", self.cal_ver, {"channel": "1", "band": self.band})
        model = new_model("IFUCubeModel", mode, **self._arrays())
        assign(model.meta.wcsinfo, {**celestial(self.ra, self.rotation), **self.axis})
        assign(model.meta, {"bunit_data": "MJy/sr", "bunit_err": "MJy/sr"})
        assign(model.meta.wcsinfo, {"s_region": S_REGION})
        extensions = {"flux_extension": "SCI", "error_extension": "ERR", "dq_extension": "DQ"}
        assign(model.meta.ifu, {**extensions, "error_type": "ERR", "weighting": "drizzle"})
        model.save(path)

    def _arrays(self) -> dict[str, object]:
        names = ("data", "err", "weightmap")
        arrays: dict[str, Any] = {name: self._block(kind) for kind, name in enumerate(names)}
        arrays["dq"] = self._flags()
        outside = arrays["dq"] == 513
        # A hole within the field that only the values reveal, as in the oldest cubes.
        outside[HOLE] = self.no_data == 0
        arrays["data"][outside] = arrays["err"][outside] = self.no_data
        arrays["weightmap"][outside] = 0
        arrays["data"][INFINITE] = np.inf
        arrays["data"][BAD] = np.nan
        return arrays if self.table is None else {**arrays, "wavetable": _wavetable(self.table)}

    def _block(self, kind: int) -> npt.NDArray[np.float32]:
        voxels = block((len(self.wavelength), NY, NX), kind)
        return voxels if kind == 0 else voxels / np.float32(1000)

    def _flags(self) -> npt.NDArray[np.uint32]:
        flags = np.zeros((len(self.wavelength), NY, NX), "u4")
        flags[:, 0, :] = 513
        flags[BAD] = 1
        return flags


def celestial(ra: float, rotation: float) -> dict[str, object]:
    """Return the celestial keywords; by the FITS convention, RA increases to the left."""
    c, s = math.cos(rotation), math.sin(rotation)
    matrix = ((-c, s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0))
    return {
        "wcsaxes": 3,
        "ctype1": "RA---TAN",
        "ctype2": "DEC--TAN",
        "crval1": ra,
        "crval2": TARGET_DEC,
        "crpix1": 3.0,
        "crpix2": 2.5,
        "cunit1": "deg",
        "cunit2": "deg",
        "cdelt1": 0.13 / 3600,
        "cdelt2": 0.13 / 3600,
        **{f"pc{i + 1}_{j + 1}": matrix[i][j] for i in range(3) for j in range(3)},
    }


def linear(start: float, step: float) -> dict[str, object]:
    """Return the keywords of a linear wavelength axis."""
    return {"ctype3": "WAVE", "cunit3": "um", "crval3": start, "crpix3": 1.0, "cdelt3": step}


def _tabular(value: float, pixel: float, step: float) -> dict[str, object]:
    # The coordinate of plane p (from 1) is the row value + step (p - pixel) of the table.
    axis = {"ctype3": "WAVE-TAB", "cunit3": "um", "crval3": value, "crpix3": pixel}
    return {**axis, "cdelt3": step, "ps3_0": "WCS-TABLE", "ps3_1": "wavelength"}


def _wavetable(wavelength: Array) -> Any:
    dtype = [("wavelength", "<f4", (len(wavelength), 1))]
    return np.array([(wavelength[:, np.newaxis],)], dtype=dtype)


def _in_single(wavelength: Array) -> Array:
    # Tables contain float32, so the expected values have that precision.
    return wavelength.astype("f4").astype("f8")


@dataclass(frozen=True)
class SciOnly:
    """A survey team's cube: SCI and maps, without errors, flags or weights."""

    wavelength: Array
    axis: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, path: Path) -> None:
        optics = {"grating": "PRISM", "filter": "CLEAR"}
        primary = primary_hdu(Mode("NIRSPEC", "NRS_IFU", "1.14.0", optics))
        fits.HDUList([primary, self._cube(), *self._maps()]).writeto(path)

    def _cube(self) -> fits.ImageHDU:
        voxels = block((len(self.wavelength), NY, NX), 0)
        voxels[:, 0, :] = np.nan
        voxels[INFINITE] = np.inf
        cube = fits.ImageHDU(voxels, name="SCI")
        keywords = {**celestial(TARGET_RA, 0.0), **self.axis, "bunit": "MJy/sr"}
        cube.header.update({name.upper(): value for name, value in keywords.items()})
        return cube

    def _maps(self) -> list[fits.ImageHDU]:
        names = ("MEDIAN", "LINE_FLUX")
        return [fits.ImageHDU(block((NY, NX), kind), name=n) for kind, n in enumerate(names, 1)]


_STEP = 0.0625  # exact in binary, so that the sum does not depend on its order
_LINEAR: Array = 5.0 + _STEP * np.arange(12, dtype=np.float64)
_TABLE = _in_single(grid(4.9, 7.65, 12))
_LONG_TABLE = _in_single(grid(4.9, 7.65, 20))
# Every second row of the table from its second: planes 1, 2, 3 are rows 2, 4, 6 (from 1).
_LONG_AXIS = _tabular(4.0, 2.0, 2.0)


def _layout(key: str, stem: str, write: Cube | SciOnly) -> Layout:
    name = f"{stem}_s3d.fits"
    return Layout(f"s3d-{key}", name, "s3d", NY * NX, "MJy/sr", write.wavelength, write)


_TURNED = Cube("1.13.4", _LINEAR, linear(5.0, _STEP), ra=-14.18, rotation=_ROTATION)
_TABLED = Cube("3.0.0", _LINEAR, linear(5.0, _STEP), _LINEAR)
_CURVED = Cube("1.17.1", _TABLE, _tabular(1.0, 1.0, 1.0), _TABLE, band="MULTIPLE")
_LONG = Cube("3.0.0", _LONG_TABLE[1::2][:9], _LONG_AXIS, _LONG_TABLE, band="MULTIPLE")
_ZEROS = Cube("1.8.2", _LINEAR, linear(5.0, _STEP), no_data=0.0)
_TEAM = SciOnly(_LINEAR, linear(5.0, _STEP))

LAYOUTS = (
    _layout("linear", "jw01234-o013_t001_miri_ch1-short", _TURNED),
    _layout("linear-table", "jw01234-o014_t001_miri_ch1-short", _TABLED),
    _layout("wave-tab", "jw01234-o015_t001_miri_ch1-shortmediumlong", _CURVED),
    _layout("wave-tab-long", "jw01234-o016_t001_miri_ch1-shortmediumlong", _LONG),
    _layout("zeros", "jw01234-o017_t001_miri_ch1-short", _ZEROS),
    _layout("sci-only", "jw01234-o018_t001_nirspec_prism-clear", _TEAM),
)
