"""The generated 1-D products: columns, padding and defects."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.layouts import LAYOUTS, Layout, write_layout
from tests.support.layouts.reading import TABLES, error_name, load, spectra, tables

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
