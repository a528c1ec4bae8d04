"""The generated products have the intended layouts."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.support.layouts import LAYOUTS, Layout
from tests.support.layouts.reading import (
    PRODUCTS,
    TABLES,
    cube_wavelengths,
    error_name,
    load,
    slit_wavelengths,
    spectra,
    tables,
)

LEVEL_3 = re.compile(
    r"jw\d{5}-o\d{3}_(t\d{3}(-s\d{9})?|[sbv](\d{5}|\d{9}))_(nirspec|niriss|miri)_[a-z0-9-]+"
    r"_(x1dints|x1d|c1d|s2d|s3d)\.fits(\.gz)?"
)
OTHER_NAMES = {"x1d-team", "s2d-multislit"}
ONE = "EXTRACT1D ASDF"
SLIT = "SCI ERR WHT CON VAR_POISSON VAR_RNOISE VAR_FLAT"
SLIT_LAMBDA = SLIT.replace("ERR", "ERR WAVELENGTH")
SLIT_2 = " ".join(f"{name},2" for name in SLIT_LAMBDA.split())
CUBE = "SCI ERR DQ WMAP"
# CAL_VER, unit of FLUX or SCI as labelled, HDUs after the primary.
FORMS = {
    "x1d-l0": ("0.18.3", "Jy", "SCI EXTRACT1D"),
    "x1d-team": ("1.17.1", "Jy", ""),
    "x1d-mos": ("3.0.0", "Jy", ONE),
    "x1d-mos-old": ("1.12.5", "Jy", ONE),
    "x1d-counts": ("1.20.2", "DN/s", ONE),
    "x1d-wfss-hdus": ("1.12.5", "Jy", "EXTRACT1D EXTRACT1D,2 EXTRACT1D,3 ASDF"),
    "x1d-mrs": ("3.0.0", "Jy", ONE),
    "x1d-ifu": ("1.11.4", "Jy", ONE),
    "x1d-soss-jy": ("1.9.0", "Jy", "SCI EXTRACT1D EXTRACT1D,2 ASDF"),
    "x1d-soss-mjy": ("1.12.0", "MJy", "SCI EXTRACT1D EXTRACT1D,2 ASDF"),
    "x1d-lrs": ("3.0.0", "Jy", ONE),
    "x1d-gz": ("3.0.0", "Jy", ONE),
    "x1d-wfss-vector": ("3.0.0", "Jy", "EXTRACT1D EXTRACT1D,2 ASDF"),
    "c1d-wfss-vector": ("3.0.0", "Jy", "COMBINE1D COMBINE1D,2 ASDF"),
    "x1dints-hdus": ("1.18.0", "Jy", "INT_TIMES EXTRACT1D EXTRACT1D,2 EXTRACT1D,3 ASDF"),
    "x1dints-vector": ("3.0.0", "Jy", "EXTRACT1D EXTRACT1D,2 HDRTAB ASDF"),
    "x1dints-soss": ("2.0.0", "MJy", "SCI EXTRACT1D EXTRACT1D,2 ASDF"),
    "c1d-scalar": ("1.20.2", "MJy", "COMBINE1D COMBINE1D,2 ASDF"),
    "s2d-mos": ("3.0.0", "MJy", f"{SLIT_LAMBDA} HDRTAB ASDF"),
    "s2d-gwcs-point": ("1.12.5", "DN/s", f"{SLIT} HDRTAB ASDF"),
    "s2d-gwcs-extended": ("1.12.5", "DN/s", f"{SLIT} HDRTAB ASDF"),
    "s2d-nan-error": ("1.15.0", "MJy/sr", f"{SLIT_LAMBDA} HDRTAB ASDF"),
    "s2d-dq": ("2.0.0", "MJy", f"{SLIT_LAMBDA.replace('ERR', 'ERR DQ')} HDRTAB ASDF"),
    "s2d-lrs": ("3.0.0", "MJy/sr", f"{SLIT_LAMBDA} HDRTAB ASDF"),
    "s2d-wcs-table": ("3.1.0", "MJy", f"{SLIT} HDRTAB WCS-TABLE ASDF"),
    "s2d-multislit": ("3.0.0", "MJy/sr", f"{SLIT_LAMBDA} {SLIT_2} ASDF"),
    "s3d-linear": ("1.13.4", "MJy/sr", f"{CUBE} ASDF"),
    "s3d-linear-table": ("3.0.0", "MJy/sr", f"{CUBE} WCS-TABLE ASDF"),
    "s3d-wave-tab": ("1.17.1", "MJy/sr", f"{CUBE} WCS-TABLE ASDF"),
    "s3d-wave-tab-long": ("3.0.0", "MJy/sr", f"{CUBE} WCS-TABLE ASDF"),
    "s3d-zeros": ("1.8.2", "MJy/sr", f"{CUBE} ASDF"),
    "s3d-sci-only": ("1.14.0", "MJy/sr", "SCI MEDIAN LINE_FLUX"),
}
MISLABELLED = {"x1d-soss-jy", "s2d-gwcs-point", "s2d-gwcs-extended"}
EVERY = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.key)


@EVERY
def test_form(layout: Layout, tmp_path: Path) -> None:
    cal_ver, label, names = FORMS[layout.key]
    hdul = load(layout, tmp_path)
    found = [h.name if h.ver == 1 else f"{h.name},{h.ver}" for h in hdul[1:]]
    assert found == (names.split() if names else [""])
    assert (hdul[0].header["TELESCOP"], hdul[0].header["CAL_VER"]) == ("JWST", cal_ver)
    column = [t.columns["FLUX"].unit for t in tables(hdul)]
    assert (column[0] if column else hdul["SCI"].header["BUNIT"]) == label
    assert (label != layout.flux_unit) == (layout.key in MISLABELLED)


@EVERY
def test_wavelengths_and_count(layout: Layout, tmp_path: Path) -> None:
    hdul = load(layout, tmp_path)
    if layout in TABLES:
        found = np.concatenate(spectra(hdul, "WAVELENGTH"))
        count = len(spectra(hdul, "FLUX"))
    elif layout.product_type == "s2d":
        found = slit_wavelengths(hdul)
        across = [h.header[f"NAXIS{3 - h.header['DISPAXIS']}"] for h in hdul if h.name == "SCI"]
        count = sum(across)
    else:
        found, count = cube_wavelengths(hdul), int(np.prod(hdul["SCI"].shape[1:]))
    assert np.allclose(found, layout.wavelength, rtol=0, atol=1e-9)
    assert count == layout.spectra
    assert layout.wavelength.dtype == np.float64


@EVERY
def test_numbers_are_distinct(layout: Layout, tmp_path: Path) -> None:
    hdul = load(layout, tmp_path)
    arrays = [h.data for h in hdul if h.name in {"SCI", "ERR"} and h.data is not None]
    if layout in TABLES:
        names = ("FLUX", error_name(hdul), "WAVELENGTH", "NPIXELS", "N_INPUT")
        present = [n for n in names if n in tables(hdul)[0].columns.names]
        arrays = [np.concatenate(spectra(hdul, name)) for name in present]
    numbers = np.concatenate([np.ravel(array) for array in arrays])
    numbers = numbers[np.isfinite(numbers) & (numbers != 0)]
    assert len(np.unique(numbers)) == len(numbers) > 20


def test_keys_and_names() -> None:
    keys, names = ({getattr(one, of) for one in PRODUCTS} for of in ("key", "file_name"))
    assert len(keys) == len(names) == len(PRODUCTS)
    assert list(FORMS) == [one.key for one in LAYOUTS]
    assert {o.key for o in LAYOUTS if not LEVEL_3.fullmatch(o.file_name)} == OTHER_NAMES
    stems = [re.split(r"_|\.fits", one.file_name) for one in LAYOUTS]
    assert all(one.product_type in stem for one, stem in zip(LAYOUTS, stems, strict=True))
