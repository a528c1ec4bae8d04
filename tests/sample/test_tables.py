"""Synthetic 1-D products have the columns, units and values of the pipeline."""

import numpy as np
import pytest
from astropy.io import fits

from tests.sample.files import (
    BOTS,
    COMBINED,
    EXTRACTED,
    LRS,
    MOS,
    MRS1,
    MRS3,
    NAMES,
    OLD_BOTS,
    OLD_MOS,
    SOSS,
    STAR,
    WFSS,
    Samples,
    table_of,
)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_x1d.fits")])
def test_columns_of_extracted_spectra(samples: Samples, name: str) -> None:
    rows, header = table_of(samples, name)
    vectors = [column for column in rows.names if column in EXTRACTED]
    assert vectors == EXTRACTED
    units = {rows.columns[i].name: rows.columns[i].unit for i in range(len(rows.names))}
    integral = fits.getheader(samples[name])["EXP_TYPE"] in ("NRS_IFU", "MIR_MRS")
    assert units["WAVELENGTH"] == "um"
    assert units["FLUX"] == units["FLUX_ERROR"] == "Jy"
    assert units["FLUX_VAR_FLAT"] == "Jy^2"
    assert units["SB_VAR_FLAT"] == ("(MJy/sr)^2" if integral else "MJy^2 / sr^2")
    assert rows["WAVELENGTH"].dtype == ">f8"
    assert rows["DQ"].dtype == np.uint32
    assert header[f"TZERO{rows.names.index('DQ') + 1}"] == 2**31


@pytest.mark.parametrize("name", [name for name in NAMES if name[-8:-5] in ("x1d", "c1d")])
def test_errors_are_positive_and_bad_pixels_marked(samples: Samples, name: str) -> None:
    rows, _ = table_of(samples, name)
    error = rows["ERROR" if "ERROR" in rows.names else "FLUX_ERROR"]
    good = np.isfinite(error)
    assert good.any()
    assert (error[good] > 0).all()
    if OLD_MOS in name:
        assert not rows["DQ"].any()
        assert (rows["FLUX"][~good] == 0).all()
    else:
        np.testing.assert_array_equal(rows["DQ"] == 1, np.isnan(rows["FLUX"]))


@pytest.mark.parametrize("root", [MOS, OLD_MOS, LRS, STAR])
def test_error_is_the_sum_of_its_parts(samples: Samples, root: str) -> None:
    rows, _ = table_of(samples, f"{root}_x1d.fits")
    parts = sum(rows[f"FLUX_VAR_{part}"] for part in ("POISSON", "RNOISE", "FLAT"))
    np.testing.assert_allclose(np.square(rows["FLUX_ERROR"]), parts)
    assert np.isnan(rows["FLUX_ERROR"]).any()


def test_point_sources_in_nirspec_slits_have_no_surface_brightness(samples: Samples) -> None:
    rows, header = table_of(samples, f"{MOS}_x1d.fits")
    assert header["SRCTYPE"] == "POINT"
    assert not np.nan_to_num(rows["SURF_BRIGHT"]).any()
    assert rows.size == 419
    assert np.unique(np.diff(rows["WAVELENGTH"]).round(4)).size > 50


def test_the_star_matches_the_documented_search(samples: Samples) -> None:
    rows, _ = table_of(samples, f"{STAR}_x1d.fits")
    near = (rows["WAVELENGTH"] > 1.2) & (rows["WAVELENGTH"] < 1.3)
    assert np.nanmin(rows["FLUX"][near]) > 10
    assert np.nanmedian(rows["FLUX"] / rows["FLUX_ERROR"]) > 5


def test_mrs_spectra_have_defringed_columns(samples: Samples) -> None:
    rows, _ = table_of(samples, f"{MRS1}_x1d.fits")
    assert rows.names == [*EXTRACTED, "RF_FLUX", "RF_SURF_BRIGHT", "RF_BACKGROUND"]
    assert np.ptp(rows["FLUX"] / rows["RF_FLUX"]) > 0.02
    assert table_of(samples, f"{MRS3}_x1d.fits")[0].names == EXTRACTED
    assert not rows["FLUX_VAR_POISSON"].any()


def test_slitless_tables_have_one_row_per_source(samples: Samples) -> None:
    for exposure in range(1, 7):
        rows, header = table_of(samples, f"{WFSS}_x1d.fits", exposure)
        assert rows.names[0] == "SOURCE_ID"
        assert len(rows.names) == 29
        assert rows["FLUX"].shape == (8, 59)
        assert header["FILENAME"].endswith("_cal.fits")
        absent = rows["N_ALONGDISP"] == 0
        assert absent.sum() == (exposure == 6)
        assert np.isnan(rows["SOURCE_RA"][absent]).all()
        assert set(rows["SOURCE_TYPE"][absent]) <= {""}
        for row in rows:
            assert np.isnan(row["FLUX"][row["N_ALONGDISP"] :]).all()
            assert (row["DQ"][row["N_ALONGDISP"] :] == 1).all()
    assert table_of(samples, f"{WFSS}_x1d.fits", 3)[0]["N_ALONGDISP"].min() == 41


def test_slitless_spectra_are_combined_over_the_exposures(samples: Samples) -> None:
    rows, _ = table_of(samples, f"{WFSS}_c1d.fits")
    behind = ["N_ALONGDISP", "SOURCE_TYPE", "SOURCE_RA", "SOURCE_DEC"]
    assert rows.names == ["SOURCE_ID", *COMBINED, *behind]
    assert (rows["N_INPUT"][0] == 6).all()
    assert (rows["N_INPUT"][3] == 5).all()
    single, _ = table_of(samples, f"{WFSS}_x1d.fits")
    assert (rows["ERROR"][0] < single["FLUX_ERROR"][0]).all()


def test_soss_has_two_orders_in_megajansky(samples: Samples) -> None:
    for order in (1, 2):
        rows, header = table_of(samples, f"{SOSS}_c1d.fits", order)
        assert header["SPORDER"] == order
        assert rows.names == COMBINED
        assert rows.columns["FLUX"].unit == rows.columns["ERROR"].unit == "MJy"
        assert 1e-9 < np.median(rows["FLUX"]) < 1e-6


def test_time_series_in_the_new_layout_show_a_transit(samples: Samples) -> None:
    rows, _ = table_of(samples, f"{BOTS}_x1dints.fits")
    assert rows.names[:2] == ["INT_NUM", "WAVELENGTH"]
    assert len(rows.names) == 27
    assert rows["FLUX"].shape == (60, 400)
    assert (np.diff(rows["MJD-AVG"]) > 0).all()
    white = np.nanmean(rows["FLUX"], axis=1)
    assert 0.015 < 1 - white[25:35].mean() / white[:5].mean() < 0.03
    with fits.open(samples[f"{BOTS}_x1dints.fits"]) as hdus:
        assert {"INT_TIMES", "HDRTAB"} < {hdu.name for hdu in hdus}


def test_time_series_in_the_old_layout_have_one_table_per_integration(samples: Samples) -> None:
    with fits.open(samples[f"{OLD_BOTS}_x1dints.fits"]) as hdus:
        assert hdus[0].header["CAL_VER"] == "1.18.0"
        tables = [hdu for hdu in hdus if hdu.name == "EXTRACT1D"]
        assert [hdu.header["INT_NUM"] for hdu in tables] == [hdu.ver for hdu in tables]
        assert len(tables) == len(hdus["INT_TIMES"].data) == 6
        assert all(hdu.data.names == EXTRACTED for hdu in tables)
