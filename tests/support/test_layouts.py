"""The synthetic products are what they are said to be."""

import gzip
import io
import re
from pathlib import Path
from typing import Any

import asdf
import numpy as np
import pytest
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning
from astropy.wcs import WCS

from tests.support.layouts import BROKEN, LAYOUTS, Broken, Layout, write_layout
from tests.support.layouts.common import TARGET_DEC

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
BAD_ROWS = {
    **dict.fromkeys(("x1d-l0", "x1d-mos-old", "x1d-wfss-hdus"), (0.0, np.nan, 0)),
    **dict.fromkeys(("x1d-soss-jy", "x1d-soss-mjy"), (0.0, np.nan, 0)),
    **dict.fromkeys(("x1d-mrs", "x1d-ifu"), (0.0, 0.0, 1)),
}
COLUMNS = {
    "x1d-l0": 9,
    "x1d-mrs": 21,
    "c1d-scalar": 8,
    "c1d-wfss-vector": 13,
    "x1d-wfss-vector": 29,
    "x1dints-vector": 27,
    "x1dints-soss": 27,
}
PRODUCTS: tuple[Layout | Broken, ...] = (*LAYOUTS, *BROKEN)
TABLES = [one for one in LAYOUTS if one.product_type[0] != "s"]
IMAGES = [one for one in LAYOUTS if one.product_type[0] == "s"]
EVERY = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.key)


def load(key: str | Layout | Broken, folder: Path) -> Any:
    """Read a product into memory."""
    found = {one.key: one for one in PRODUCTS}
    path = write_layout(found[key] if isinstance(key, str) else key, folder)
    content = path.read_bytes()
    return fits.open(io.BytesIO(gzip.decompress(content) if path.suffix == ".gz" else content))


def tables(hdul: Any) -> list[Any]:
    return [h for h in hdul if isinstance(h, fits.BinTableHDU) and "FLUX" in h.columns.names]


def spectra(hdul: Any, column: str) -> list[Any]:
    """Return a column for each spectrum, without padding."""
    found: list[Any] = []
    for table in tables(hdul):
        if "N_ALONGDISP" in table.columns.names:
            pairs = zip(table.data[column], table.data["N_ALONGDISP"], strict=True)
            found += [row[:n] for row, n in pairs if n]
        else:
            found.append(table.data[column])
    return found


def error_name(hdul: Any) -> str:
    return "FLUX_ERROR" if "FLUX_ERROR" in tables(hdul)[0].columns.names else "ERROR"


def slit_world(hdul: Any, version: int) -> Any:
    with asdf.open(io.BytesIO(hdul["ASDF"].data[0][0].tobytes())) as tree:
        wcs = tree["slits"][version - 1]["meta"]["wcs"] if "slits" in tree else tree["meta"]["wcs"]
        ny, nx = hdul["SCI", version].shape
        y, x = np.mgrid[:ny, :nx]
        return wcs(x, y)


def slit_wavelengths(hdul: Any) -> Any:
    found = []
    for hdu in (h for h in hdul if h.name == "SCI"):
        lam = slit_world(hdul, hdu.ver)[2]
        found.append(lam[0] if hdu.header["DISPAXIS"] == 1 else lam[:, 0])
        assert np.all(lam == (found[-1] if hdu.header["DISPAXIS"] == 1 else lam[:, :1]))
        if ("WAVELENGTH", hdu.ver) in hdul:
            assert np.allclose(hdul["WAVELENGTH", hdu.ver].data, lam, rtol=0, atol=1e-6)
    return np.concatenate(found)


def cube_wavelengths(hdul: Any) -> Any:
    wcs = WCS(hdul["SCI"].header, fobj=hdul)
    planes = np.arange(hdul["SCI"].shape[0])
    lam = wcs.wcs_pix2world(2, 2, planes, 0)[2]
    # Without a table astropy converts to the SI unit.
    return lam * 1e6 if wcs.wcs.cunit[2] == "m" else lam


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


@pytest.mark.parametrize("layout", TABLES, ids=lambda one: one.key)
def test_table_defects(layout: Layout, tmp_path: Path) -> None:
    hdul = load(layout, tmp_path)
    expected = BAD_ROWS.get(layout.key, (np.nan, np.nan, 1))
    columns = (spectra(hdul, name) for name in ("FLUX", error_name(hdul), "DQ"))
    for flux, error, flags in zip(*columns, strict=True):
        bad = len(flux) // 2
        assert np.array_equal((flux[bad], error[bad], flags[bad]), expected, equal_nan=True)
        assert list(np.flatnonzero(np.isinf(flux))) == [1]
        assert list(np.flatnonzero(np.isinf(error))) == [2]
    assert {len(t.columns) for t in tables(hdul)} == {COLUMNS.get(layout.key, 18)}


@pytest.mark.parametrize("layout", IMAGES, ids=lambda one: one.key)
def test_image_defects(layout: Layout, tmp_path: Path) -> None:
    hdul = load(layout, tmp_path)
    assert np.isinf(hdul["SCI"].data).sum() == 1
    assert hdul["SCI"].data.dtype == np.dtype(">f4")
    if "DQ" in hdul:
        assert np.any(np.isnan(hdul["SCI"].data) & (hdul["DQ"].data == 1))
        assert hdul["DQ"].header["BZERO"] == 2**31


@pytest.mark.parametrize("key", ["x1d-wfss-vector", "c1d-wfss-vector", "x1dints-vector"])
def test_padding(key: str, tmp_path: Path) -> None:
    hdul = load(key, tmp_path)
    assert {t.data["FLUX"].ndim for t in tables(hdul)} == {2}
    lengths = np.concatenate([t.data["N_ALONGDISP"] for t in tables(hdul)])
    assert len(set(lengths)) > 2
    assert (0 in lengths) == ("wfss" in key)
    for table in tables(hdul):
        beyond = np.arange(table.data["FLUX"].shape[1]) >= table.data["N_ALONGDISP"][:, None]
        assert np.any(beyond)
        assert np.all(np.isnan(table.data["WAVELENGTH"][beyond]))
        assert np.all(table.data["DQ"][beyond] == 1)


def test_absent_source(tmp_path: Path) -> None:
    hdul = load("x1d-wfss-vector", tmp_path)
    rows = hdul["EXTRACT1D", 1].data
    assert (rows["SOURCE_ID"][2], rows["N_ALONGDISP"][2], rows["SOURCE_TYPE"][2]) == (9, 0, "")
    assert np.isnan(rows["SOURCE_RA"][2])
    headers = [table.header for table in tables(hdul)]
    assert all(h["FILENAME"].endswith("_cal.fits") for h in headers)
    assert ["S_REGION" in h for h in headers] == [True, False]
    assert hdul[0].header["FILENAME"].endswith("_x1d.fits")


def test_time_series(tmp_path: Path) -> None:
    old, new = load("x1dints-hdus", tmp_path), load("x1dints-vector", tmp_path)
    assert list(old["INT_TIMES"].data["integration_number"]) == [1, 2, 3]
    assert [t.header["INT_NUM"] for t in tables(old)] == [1, 2, 3]
    rows = [t.data for t in tables(new)]
    assert [list(r["INT_NUM"]) for r in rows] == [[1, 2, 3], [4, 5]]
    assert [set(r["SEGMENT"]) for r in rows] == [{1}, {2}]
    averages = np.concatenate([r["MJD-AVG"] for r in rows])
    assert np.all(np.diff(averages) > 0)
    assert [t.header["SPORDER"] for t in tables(load("x1dints-soss", tmp_path))] == [1, 2]


def test_slit_source_is_not_the_target(tmp_path: Path) -> None:
    hdul = load("x1d-mos", tmp_path)
    header = hdul["EXTRACT1D"].header
    assert header["SRCRA"] != hdul[0].header["TARG_RA"]
    assert (header["SRCTYPE"], header["SOURCEID"], header["TZERO12"]) == ("POINT", 6355, 2**31)
    assert load("x1d-mos-old", tmp_path)["EXTRACT1D"].header["SRCTYPE"] == "EXTENDED"


def test_early_and_reworked_columns(tmp_path: Path) -> None:
    early, team = load("x1d-l0", tmp_path), load("x1d-team", tmp_path)
    assert {"ERROR", "BERROR"} < set(early["EXTRACT1D"].columns.names)
    assert early["SCI"].data is None
    assert not team[1].name
    assert team[1].columns["DQ"].format == "D"


@pytest.mark.parametrize("key", ["x1d-ifu", "x1d-mrs"])
def test_integral_field(key: str, tmp_path: Path) -> None:
    table = load(key, tmp_path)["EXTRACT1D"]
    variances = ("FLUX_VAR_POISSON", "FLUX_VAR_RNOISE", "FLUX_VAR_FLAT")
    assert not any(np.any(table.data[name]) for name in variances)
    assert table.columns["SB_VAR_FLAT"].unit == "(MJy/sr)^2"
    assert ("RF_FLUX" in table.columns.names) == (key == "x1d-mrs")


def test_other_tables(tmp_path: Path) -> None:
    assert [len(t.data) for t in tables(load("x1d-wfss-hdus", tmp_path))] == [15, 16, 17]
    assert np.all(np.diff(load("x1d-lrs", tmp_path)["EXTRACT1D"].data["WAVELENGTH"]) < 0)
    assert load("x1d-counts", tmp_path)[0].header["S_PHOTOM"] == "SKIPPED"
    assert load("c1d-scalar", tmp_path)["COMBINE1D"].data["DQ"][0] == 2**31
    soss = load("x1d-soss-jy", tmp_path)
    assert (soss["SCI"].data, soss[0].header["EXP_TYPE"]) == (None, "NIS_SOSS")
    assert not np.any(soss["EXTRACT1D"].data["SURF_BRIGHT"])
    gzipped = next(one for one in LAYOUTS if one.key == "x1d-gz")
    assert write_layout(gzipped, tmp_path).read_bytes()[:2] == b"\x1f\x8b"


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


def test_keys_and_names() -> None:
    keys, names = ({getattr(one, of) for one in PRODUCTS} for of in ("key", "file_name"))
    assert len(keys) == len(names) == len(PRODUCTS)
    assert list(FORMS) == [one.key for one in LAYOUTS]
    assert {o.key for o in LAYOUTS if not LEVEL_3.fullmatch(o.file_name)} == OTHER_NAMES
    stems = [re.split(r"_|\.fits", one.file_name) for one in LAYOUTS]
    assert all(one.product_type in stem for one, stem in zip(LAYOUTS, stems, strict=True))


def broken_path(key: str, folder: Path) -> Path:
    return write_layout(next(one for one in BROKEN if one.key == key), folder)


@pytest.mark.parametrize("key", ["truncated-data", "truncated-header"])
def test_truncated(key: str, tmp_path: Path) -> None:
    path = broken_path(key, tmp_path)
    with pytest.warns(AstropyUserWarning), fits.open(path) as hdul:
        assert len(hdul) == (2 if key == "truncated-data" else 1)


def test_truncated_gzip(tmp_path: Path) -> None:
    path = broken_path("truncated-gzip", tmp_path)
    with pytest.raises(EOFError):
        gzip.decompress(path.read_bytes())
    # Astropy says nothing: it shows the HDUs before the break only.
    with fits.open(path) as hdul:
        assert [h.name for h in hdul] == ["PRIMARY"]


@pytest.mark.parametrize("key", ["empty", "text"])
def test_not_fits(key: str, tmp_path: Path) -> None:
    path = broken_path(key, tmp_path)
    assert (path.stat().st_size == 0) == (key == "empty")
    with pytest.raises(OSError, match=r"Empty|SIMPLE"):
        fits.open(path)


def test_broken_tables(tmp_path: Path) -> None:
    hubble = load("hubble", tmp_path)
    assert (hubble[0].header["TELESCOP"], len(hubble["EXTRACT1D"].data)) == ("HST", 40)
    assert len(load("no-rows", tmp_path)["EXTRACT1D"].data) == 0
    names = load("no-wavelength", tmp_path)["EXTRACT1D"].columns.names
    assert ("FLUX" in names, "WAVELENGTH" in names) == (True, False)
    absent = tables(load("all-absent", tmp_path))
    assert [list(t.data["N_ALONGDISP"]) for t in absent] == [[0, 0], [0, 0]]


def test_broken_images(tmp_path: Path) -> None:
    image = load("image", tmp_path)
    assert (image["SCI"].data.ndim, tables(image)) == (2, [])
    unequal = load("unequal-shapes", tmp_path)
    assert unequal["SCI"].shape != unequal["ERR"].shape
    assert unequal["SCI"].header["CTYPE3"] == "WAVE"
    blind = load("no-spectral-axis", tmp_path)
    assert blind["SCI"].shape == blind["ERR"].shape
    assert "CTYPE3" not in blind["SCI"].header
    assert "WCS-TABLE" not in blind


def test_every_broken_file_has_a_reason() -> None:
    assert all(one.reason == one.reason.lower() != "" for one in BROKEN)
    assert len(BROKEN) == 12
