"""The synthetic products: complete, labelled, and in the layouts of the pipeline."""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asdf
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS, FITSFixedWarning
from numpy.typing import NDArray

from spectraldb.products.names import parse_level3
from spectraldb.sample import write_samples

Samples = Mapping[str, Path]

MOS = "jw99001-o001_s000000101_nirspec_clear-prism"
OLD_MOS = "jw99001-o002_s00202_nirspec_f290lp-g395m"
IFU = "jw99002-o001_t001_nirspec_prism-clear"
MRS1 = "jw99003-o001_t001_miri_ch1-short"
MRS2 = "jw99003-o003_t001_miri_ch2-shortmediumlong"
MRS3 = "jw99003-o002_t001_miri_ch3-medium"
LRS = "jw99004-o001_t001_miri_p750l"
WFSS = "jw99005-o001_t001_niriss_f115w-gr150c"
SOSS = "jw99006-o001_t001_niriss_clear-gr700xd-substrip256"
BOTS = "jw99007-o001_t001_nirspec_clear-prism-s1600a1-sub512"
OLD_BOTS = "jw99007-o002_t001_nirspec_clear-prism-s1600a1-sub512"
STAR = "jw99008-o001_t001-s000000001_nirspec_f100lp-g140m-s1600a1"

NAMES = [
    *(f"{root}_s2d.fits" for root in (MOS, OLD_MOS, LRS)),
    *(f"{root}_s3d.fits" for root in (IFU, MRS1, MRS2, MRS3)),
    *(f"{root}_x1d.fits" for root in (MOS, OLD_MOS, IFU, MRS1, MRS3, LRS, WFSS, STAR)),
    *(f"{root}_c1d.fits" for root in (WFSS, SOSS)),
    *(f"{root}_x1dints.fits" for root in (BOTS, OLD_BOTS)),
]
EXTRACTED = [
    "WAVELENGTH",
    "FLUX",
    "FLUX_ERROR",
    "FLUX_VAR_POISSON",
    "FLUX_VAR_RNOISE",
    "FLUX_VAR_FLAT",
    "SURF_BRIGHT",
    "SB_ERROR",
    "SB_VAR_POISSON",
    "SB_VAR_RNOISE",
    "SB_VAR_FLAT",
    "DQ",
    "BACKGROUND",
    "BKGD_ERROR",
    "BKGD_VAR_POISSON",
    "BKGD_VAR_RNOISE",
    "BKGD_VAR_FLAT",
    "NPIXELS",
]
COMBINED = ["WAVELENGTH", "FLUX", "ERROR", "SURF_BRIGHT", "SB_ERROR", "DQ", "WEIGHT", "N_INPUT"]


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder = tmp_path_factory.mktemp("samples") / "deep" / "down"
    return {path.name: path for path in write_samples(folder)}


def table_of(samples: Samples, name: str, extension: int = 1) -> tuple[Any, fits.Header]:
    """Rows and header of the nth table of spectra."""
    with fits.open(samples[name], memmap=False) as hdus:
        found = [hdu for hdu in hdus if hdu.name in ("EXTRACT1D", "COMBINE1D")]
        return found[extension - 1].data, found[extension - 1].header


def world_of(path: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """RA, Dec and wavelength of every pixel of an s2d by the gwcs in its ASDF extension."""
    with fits.open(path) as hdus:
        raw = hdus["ASDF"].data[0][0].tobytes()
        y, x = np.mgrid[: hdus["SCI"].shape[0], : hdus["SCI"].shape[1]]
    with asdf.open(io.BytesIO(raw)) as file:
        ra, dec, wavelength = file["meta"]["wcs"](x, y)
    return ra, dec, wavelength


# --- all of them


def test_every_product_is_written_and_reported(samples: Samples, tmp_path: Path) -> None:
    (tmp_path / NAMES[0]).write_bytes(b"an older file of the same name")
    reported: list[Path] = []
    paths = write_samples(tmp_path, reported.append)
    assert reported == paths
    assert {path.name for path in paths} == set(NAMES)
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
    assert all(path.read_bytes() == samples[path.name].read_bytes() for path in paths)
    assert sum(path.stat().st_size for path in paths) < 40e6


def test_every_product_type_is_there(samples: Samples) -> None:
    kinds = {found.product_type for name in samples if (found := parse_level3(name))}
    assert kinds == {"x1d", "c1d", "s2d", "s3d", "x1dints"}


@pytest.mark.parametrize("name", NAMES)
def test_a_product_is_proper_fits(samples: Samples, name: str) -> None:
    with fits.open(samples[name]) as hdus:
        hdus.verify("exception")
        assert parse_level3(name) is not None
        assert hdus[0].header["FILENAME"] == name
        assert hdus[0].data is None
        assert hdus[-1].name == "ASDF"
        named = [(hdu.name, hdu.ver) for hdu in hdus]
        assert len(set(named)) == len(named)


@pytest.mark.parametrize("name", NAMES)
def test_a_product_says_that_it_is_synthetic(samples: Samples, name: str) -> None:
    header = fits.getheader(samples[name])
    assert header["ORIGIN"] == "SPECTRAL DB SAMPLE"
    assert header["TITLE"].startswith("SYNTHETIC SAMPLE:")
    assert "not an observation" in str(header["HISTORY"])
    assert header["TARGPROP"].startswith("SYNTHETIC ")
    assert header["TARGNAME"].startswith("SYNTHETIC ") != (header["EXP_TYPE"] == "NRS_MSASPEC")
    assert 99001 <= int(header["PROGRAM"]) == int(name[2:7])


@pytest.mark.parametrize("name", NAMES)
def test_headers_are_complete_and_in_order(samples: Samples, name: str) -> None:
    header = fits.getheader(samples[name])
    assert header["TELESCOP"] == "JWST"
    assert header["INSTRUME"].lower() in name
    assert header["OBSERVTN"] == name[9:12]
    assert header["DATE-OBS"] == header["DATE-BEG"][:10]
    assert header["EXPSTART"] < header["EXPMID"] < header["EXPEND"]
    assert header["EFFEXPTM"] > 0
    assert header["S_PHOTOM"] == "COMPLETE"
    assert 0 <= header["TARG_RA"] < 360
    text = repr(header)
    assert text.index("Program information") < text.index("TITLE   =") < text.index("PROGRAM =")


def test_the_bytes_are_the_same_whatever_the_hash_seed(samples: Samples, tmp_path: Path) -> None:
    code = "import sys, pathlib, spectraldb.sample as s; s.write_samples(pathlib.Path(sys.argv[1]))"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment)
    for name, path in samples.items():
        assert (tmp_path / name).read_bytes() == path.read_bytes(), name


def test_a_failure_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: fits.HDUList, path: Path, **_: Any) -> None:
        path.write_bytes(b"SIMPLE  =")
        raise OSError("no space left")

    monkeypatch.setattr(fits.HDUList, "writeto", full)
    with pytest.raises(OSError, match="no space left"):
        write_samples(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- tables


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


def test_the_star_answers_a_search_by_wavelength_and_flux(samples: Samples) -> None:
    rows, _ = table_of(samples, f"{STAR}_x1d.fits")
    near = (rows["WAVELENGTH"] > 1.2) & (rows["WAVELENGTH"] < 1.3)
    assert np.nanmin(rows["FLUX"][near]) > 10
    assert np.nanmedian(rows["FLUX"] / rows["FLUX_ERROR"]) > 5


def test_mrs_spectra_have_the_columns_without_fringes(samples: Samples) -> None:
    rows, _ = table_of(samples, f"{MRS1}_x1d.fits")
    assert rows.names == [*EXTRACTED, "RF_FLUX", "RF_SURF_BRIGHT", "RF_BACKGROUND"]
    assert np.ptp(rows["FLUX"] / rows["RF_FLUX"]) > 0.02
    assert table_of(samples, f"{MRS3}_x1d.fits")[0].names == EXTRACTED
    assert not rows["FLUX_VAR_POISSON"].any()


def test_slitless_tables_have_a_row_a_source(samples: Samples) -> None:
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


def test_soss_has_megajansky_in_two_orders(samples: Samples) -> None:
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


def test_time_series_in_the_old_layout_have_a_table_an_integration(samples: Samples) -> None:
    with fits.open(samples[f"{OLD_BOTS}_x1dints.fits"]) as hdus:
        assert hdus[0].header["CAL_VER"] == "1.18.0"
        tables = [hdu for hdu in hdus if hdu.name == "EXTRACT1D"]
        assert [hdu.header["INT_NUM"] for hdu in tables] == [hdu.ver for hdu in tables]
        assert len(tables) == len(hdus["INT_TIMES"].data) == 6
        assert all(hdu.data.names == EXTRACTED for hdu in tables)


# --- images


@pytest.mark.parametrize("root", [MOS, LRS])
def test_image_wavelengths_agree_with_the_gwcs(samples: Samples, root: str) -> None:
    path = samples[f"{root}_s2d.fits"]
    stored = fits.getdata(path, "WAVELENGTH")
    assert stored.dtype == ">f4"
    _, _, wavelength = world_of(path)
    away = np.abs(wavelength - stored)
    assert (away <= np.spacing(stored) / 2).all()  # no more than the rounding to float32
    assert away[stored < 8].max() <= 3e-7


@pytest.mark.parametrize("root", [MOS, OLD_MOS, LRS])
def test_images_lie_at_their_source(samples: Samples, root: str) -> None:
    path = samples[f"{root}_s2d.fits"]
    ra, dec, _ = world_of(path)
    header = fits.getheader(path, "SCI")
    target = fits.getheader(path)
    expected = (header.get("SRCRA", target["TARG_RA"]), header.get("SRCDEC", target["TARG_DEC"]))
    assert np.hypot(ra.mean() - expected[0], dec.mean() - expected[1]) < 1e-6
    assert 2 < np.hypot(np.ptp(ra) * np.cos(np.radians(dec.mean())), np.ptp(dec)) * 3600 < 6


def test_an_image_and_its_spectrum_are_of_one_source(samples: Samples) -> None:
    with fits.open(samples[f"{MOS}_s2d.fits"]) as hdus:
        flux = np.nansum(hdus["SCI"].data[24:29].astype(float), axis=0) * 1e6
        assert hdus["SCI"].header["BUNIT"] == "MJy"
    rows, _ = table_of(samples, f"{MOS}_x1d.fits")
    good = rows["DQ"] == 0
    np.testing.assert_allclose(flux[good], rows["FLUX"][good], rtol=1e-5)


def test_images_without_data_at_the_edges(samples: Samples) -> None:
    with fits.open(samples[f"{MOS}_s2d.fits"]) as hdus:
        empty = hdus["WHT"].data == 0
        assert empty[0].all()
        assert np.isnan(hdus["SCI"].data[empty]).all()
        assert (hdus["ERR"].data[~empty] > 0).all()
        assert hdus["CON"].data.dtype == ">i4"


def test_an_image_of_an_older_release(samples: Samples) -> None:
    with fits.open(samples[f"{OLD_MOS}_s2d.fits"]) as hdus:
        assert hdus[0].header["CAL_VER"] == "1.12.5"
        assert "WAVELENGTH" not in hdus
        assert hdus["SCI"].header["BUNIT"] == "DN/s"
        empty = hdus["WHT"].data == 0
        assert not hdus["SCI"].data[empty].any()
        assert not hdus["ERR"].data[empty].any()
    _, _, wavelength = world_of(samples[f"{OLD_MOS}_s2d.fits"])
    rows, _ = table_of(samples, f"{OLD_MOS}_x1d.fits")
    np.testing.assert_allclose(wavelength[20], rows["WAVELENGTH"], atol=1e-12)


def test_lrs_wavelengths_descend(samples: Samples) -> None:
    with fits.open(samples[f"{LRS}_s2d.fits"]) as hdus:
        assert hdus["SCI"].header["DISPAXIS"] == 2
        assert hdus["SCI"].shape == (388, 44)
        assert (np.diff(hdus["WAVELENGTH"].data, axis=0) < 0).all()
    rows, _ = table_of(samples, f"{LRS}_x1d.fits")
    assert (np.diff(rows["WAVELENGTH"]) < 0).all()
    assert rows["WAVELENGTH"][[0, -1]] == pytest.approx([14, 5])
    depth = [np.nanmedian(rows["FLUX"][np.abs(rows["WAVELENGTH"] - at) < 0.2]) for at in (8, 9.7)]
    assert depth[1] < 0.6 * depth[0]


# --- cubes


@pytest.mark.parametrize("root", [IFU, MRS1, MRS2, MRS3])
def test_cubes(samples: Samples, root: str) -> None:
    with fits.open(samples[f"{root}_s3d.fits"]) as hdus:
        science, header = hdus["SCI"].data, hdus["SCI"].header
        seen = hdus["DQ"].data == 0
        assert science.dtype == ">f4"
        assert set(np.unique(hdus["DQ"].data)) == {0, 513}
        np.testing.assert_array_equal(np.isfinite(science), seen)
        assert (hdus["ERR"].data[seen] > 0).all()
        assert hdus["ERR"].header["ERRTYPE"] == "ERR"
        assert header["BUNIT"] == "MJy/sr"
        assert ("WCS-TABLE" in hdus) == (root != MRS3)
        with pytest.warns(FITSFixedWarning, match="datfix"):
            world = WCS(header, fobj=hdus)
        middle = (science.shape[2] - 1) / 2
        ra, dec, wave = world.all_pix2world(middle, middle, [0, science.shape[0] - 1], 0)
        target = hdus[0].header
        assert ra % 360 == pytest.approx(target["TARG_RA"])
        assert dec == pytest.approx(target["TARG_DEC"])
        if "WCS-TABLE" in hdus:
            listed = hdus["WCS-TABLE"].data["wavelength"].ravel()
            # astropy gives metres for WAVE and micron for WAVE-TAB.
            scale = 1 if header["CTYPE3"] == "WAVE-TAB" else 1e6
            np.testing.assert_allclose(listed[[0, -1]], np.array(wave) * scale, rtol=1e-6)


def test_cubes_of_older_releases(samples: Samples) -> None:
    rotated = fits.getheader(samples[f"{MRS3}_s3d.fits"], "SCI")
    assert rotated["CRVAL1"] < 0
    assert abs(rotated["PC1_2"]) > 0.1
    tabulated = fits.getheader(samples[f"{MRS2}_s3d.fits"], "SCI")
    assert tabulated["CTYPE3"] == "WAVE-TAB"
    assert (tabulated["PS3_0"], tabulated["PS3_1"]) == ("WCS-TABLE", "wavelength")
    assert "CDELT3" not in tabulated
    listed = fits.getdata(samples[f"{MRS2}_s3d.fits"], "WCS-TABLE")["wavelength"].ravel()
    assert np.ptp(np.diff(listed)) > 0.003


def test_a_cube_and_its_spectrum_are_of_one_source(samples: Samples) -> None:
    with fits.open(samples[f"{IFU}_s3d.fits"]) as hdus:
        pixel = hdus["SCI"].header["PIXAR_SR"]
        total = np.nansum(hdus["SCI"].data.astype(float), axis=(1, 2)) * 1e6 * pixel
    rows, _ = table_of(samples, f"{IFU}_x1d.fits")
    assert 0.5 < np.median(rows["FLUX"] / total) < 1


def test_the_disc_galaxy_turns(samples: Samples) -> None:
    science = fits.getdata(samples[f"{IFU}_s3d.fits"], "SCI").astype(float)
    wavelength = np.linspace(0.60, 5.30, 470)
    line = np.abs(wavelength - 4.126) < 0.03  # Paschen alpha at redshift 1.2
    # The approaching and the receding end of the major axis.
    ends = [science[line][:, 18 + step[0], 18 + step[1]] for step in ((-3, -4), (3, 4))]
    centres = [
        np.sum(wavelength[line] * (end - end.min())) / np.sum(end - end.min()) for end in ends
    ]
    assert centres[1] > centres[0] + 0.001
