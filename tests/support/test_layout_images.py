"""The generated 2-D spectra and cubes: axes, world coordinates and defects."""

from pathlib import Path

import numpy as np
import pytest
from astropy.wcs import WCS

from tests.support.layouts import Layout
from tests.support.layouts.common import TARGET_DEC
from tests.support.layouts.reading import (
    IMAGES,
    cube_wavelengths,
    load,
    slit_wavelengths,
    slit_world,
)


@pytest.mark.parametrize("layout", IMAGES, ids=lambda one: one.key)
def test_image_defects(layout: Layout, tmp_path: Path) -> None:
    hdul = load(layout, tmp_path)
    assert np.isinf(hdul["SCI"].data).sum() == 1
    assert hdul["SCI"].data.dtype == np.dtype(">f4")
    if "DQ" in hdul:
        assert np.any(np.isnan(hdul["SCI"].data) & (hdul["DQ"].data == 1))
        assert hdul["DQ"].header["BZERO"] == 2**31


@pytest.mark.parametrize(
    ("key", "science", "error"),
    [
        ("s2d-gwcs-point", 0, 0),
        ("s2d-nan-error", 0, np.nan),
        ("s2d-mos", np.nan, np.nan),
        ("s2d-lrs", np.nan, np.nan),
    ],
)
def test_slit_no_data(key: str, science: float, error: float, tmp_path: Path) -> None:
    hdul = load(key, tmp_path)
    empty = hdul["WHT"].data == 0
    assert 0 < empty.sum() < empty.size
    assert np.array_equal(np.unique(hdul["SCI"].data[empty]), [science], equal_nan=True)
    assert np.array_equal(np.unique(hdul["ERR"].data[empty]), [error], equal_nan=True)
    assert not np.any(hdul["CON"].data[0][empty])


def test_slit_keywords(tmp_path: Path) -> None:
    for kind in ("point", "extended"):
        hdul = load(f"s2d-gwcs-{kind}", tmp_path)
        assert hdul["SCI"].header["SRCTYPE"] == kind.upper()
        assert hdul[0].header["S_PHOTOM"] == "COMPLETE"
    lrs = load("s2d-lrs", tmp_path)
    assert (lrs["SCI"].header["DISPAXIS"], lrs["SCI"].shape) == (2, (25, 6))
    assert np.all(np.diff(lrs["WAVELENGTH"].data, axis=0) < 0)
    ra, dec, _ = slit_world(lrs, 1)
    assert np.ptp(ra[0]) > 1e-5 < np.ptp(dec[0])
    assert np.ptp(ra, axis=0).max() == 0
    several = load("s2d-multislit", tmp_path)
    assert [several["SCI", i].shape for i in (1, 2)] == [(8, 30), (10, 26)]
    assert {several["SCI", i].header["BUNIT"] for i in (1, 2)} == {"MJy/sr"}
    assert [several["SCI", i].header["SLTNAME"] for i in (1, 2)] == ["S200A1", "S1600A1"]


def test_slit_table(tmp_path: Path) -> None:
    hdul = load("s2d-wcs-table", tmp_path)
    header, table = hdul["SCI"].header, hdul["WCS-TABLE"]
    assert (header["CTYPE1"], header["CTYPE2"], header["PS1_0"]) == (
        *("WAVE-TAB", "SPATIAL", "WCS-TABLE"),
    )
    named = table.data[header["PS1_1"]].ravel()
    assert np.allclose(named, slit_wavelengths(hdul), rtol=0, atol=1e-6)
    assert table.columns.names.index(header["PS1_1"]) == 1


def test_cube_axes(tmp_path: Path) -> None:
    headers = {one.key: load(one, tmp_path)["SCI"].header for one in IMAGES[-6:]}
    turned, tabled = headers["s3d-linear"], headers["s3d-linear-table"]
    assert turned["CRVAL1"] < 0
    assert abs(turned["PC1_2"]) > 0.1
    assert (tabled["CTYPE3"], "PS3_0" in tabled) == ("WAVE", False)
    for key in ("s3d-wave-tab", "s3d-wave-tab-long"):
        assert (headers[key]["CTYPE3"], headers[key]["PS3_1"]) == ("WAVE-TAB", "wavelength")
    sky = WCS(turned).celestial.wcs_pix2world(2.0, 1.5, 0)
    assert np.allclose((sky[0] % 360, sky[1]), (360 - 14.18, TARGET_DEC))


def test_cube_tables(tmp_path: Path) -> None:
    sizes = {}
    for key in ("s3d-linear-table", "s3d-wave-tab", "s3d-wave-tab-long"):
        hdul = load(key, tmp_path)
        stored = hdul["WCS-TABLE"].data["wavelength"].ravel()
        sizes[key] = (len(stored), hdul["SCI"].header["NAXIS3"])
        steps = np.diff(cube_wavelengths(hdul))
        assert (np.ptp(steps) > 1e-3) == (key != "s3d-linear-table")
    assert list(sizes.values()) == [(12, 12), (12, 12), (20, 9)]


def test_cube_no_data(tmp_path: Path) -> None:
    old, new = load("s3d-zeros", tmp_path), load("s3d-linear", tmp_path)
    for hdul, value in ((old, 0), (new, np.nan)):
        outside = hdul["DQ"].data == 513
        assert outside.sum() == 12 * 6
        for name in ("SCI", "ERR"):
            found = np.unique(hdul[name].data[outside])
            assert np.array_equal(found, [value], equal_nan=True)
    assert ((old["ERR"].data == 0) & (old["DQ"].data == 0)).sum() == 1
