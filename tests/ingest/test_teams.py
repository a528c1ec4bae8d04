"""Spectra that teams made, and files that people ingest by mistake, as their README says."""

import gzip
import io
import os
import re
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from fastapi.testclient import TestClient

from spectraldb import SpectralDB
from spectraldb.api.app import create_app
from spectraldb.errors import BadQueryError
from spectraldb.ingest.outcome import Action, Outcome
from spectraldb.service.service import Service
from tests.conftest import ROOT
from tests.support.small_files import PRIMARY, write_x1d

TEAMS = Path(os.environ.get("SPECTRALDB_TEST_TEAMS", ROOT.parent / "shared" / "teams"))
needs_files = pytest.mark.skipif(not TEAMS.is_dir(), reason="the files are not available")

COLUMNS = {"wavelength": np.linspace(1, 2, 8), "flux": np.ones(8), "flux_uncertainty": np.ones(8)}
UNITS = {"wavelength": "um", "flux": "Jy", "flux_uncertainty": "Jy"}


def outcome_of(lake: Service, path: Path, layout: str | None = None) -> Outcome:
    (outcome,) = lake.ingest([path], layout=layout).outcomes
    return outcome


RUBIES = "msaexp/rubies-egs61-v2_prism-clear_4233_44597.spec.fits"
BARE = ["jwstpah/Ring1_1dspec.fits", "pahfit/VV114_MIRI_ch1_LONG_s1d.fits"]

READ = [
    ("jwstpah/april-CH1_ring2.fits", ["x1d"], "pipeline", "team", None),
    ("jwstpah/may-CH1_ring2.fits", ["x1d"], "pipeline", "team", None),
    ("jwstpah/NGC7469_CH3-long_Ring4.fits", ["x1d"], "pipeline", "team", None),
    ("jwstpah/Ring1_combined__stitched.fits", ["c1d"], "pipeline", "team", None),
    ("specialsoss/SUBSTRIP256_CLEAR_x1d.fits", ["x1d"], "pipeline", "3", "Jy"),
    (
        "msaexp/rubies-egs61-v2_prism-clear_4233_44597.spec.fits",
        ["x1d", "s2d"],
        "msaexp",
        "team",
        "uJy",
    ),
    ("msaexp/static-test-driz-center-bkg_933.spec.fits", ["x1d", "s2d"], "msaexp", "team", "uJy"),
    (
        "dja/calib_prism-clear_iras-05248-7007_s200a1.v1.spec.fits.gz",
        ["x1d", "s2d"],
        "msaexp",
        "team",
        "uJy",
    ),
    (
        "glass/hlsp_glass-jwst_jwst_nirspec_abell2744-1324-10003_f290lp-g395h_v1_spec.fits",
        ["x1d", "s2d"],
        "msaexp",
        "team",
        "uJy",
    ),
    ("jades/000110_prism_clear_v5.0_1D.fits", ["x1d"], "jades", "team", None),
    ("vhs1256b/VHS1256b_NIRSpec.fits", ["x1d"], "table", "team", "Jy"),
    ("loki/Level3_ch4-short_s3d.fits.gz", ["s3d"], "pipeline", "3", "MJy/sr"),
]


@needs_files
@pytest.mark.parametrize(("name", "types", "layout", "level", "unit"), READ)
def test_files_that_are_read(
    lake: Service, name: str, types: list[str], layout: str, level: str, unit: str | None
) -> None:
    outcome = outcome_of(lake, TEAMS / name)
    assert (outcome.action, outcome.reason) == (Action.INGESTED, "")
    assert outcome.layout == layout
    products = lake.products()
    assert [product["productType"] for product in products] == types
    assert {product["layout"] for product in products} == {layout}
    assert {product["level"] for product in products} == {level}
    assert products[0]["fluxUnit"] == unit
    assert all(product["uri"].startswith("local:") for product in products)
    assert 0.1 < products[0]["productWavelengthMin"] < products[0]["productWavelengthMax"] < 30
    for product in products:
        with lake.retrieve(uri=product["uri"]) as retrieved:
            assert retrieved.answer.product_type == product["productType"]
            assert all(column.read().size for column in retrieved.answer.columns)
    assert outcome_of(lake, TEAMS / name).action is Action.UNCHANGED


@needs_files
@pytest.mark.parametrize(
    "name", ["jwstpah/Ring1_1dspec.fits", "pahfit/VV114_MIRI_ch1_LONG_s1d.fits"]
)
def test_tables_without_a_header(lake: Service, name: str) -> None:
    outcome = outcome_of(lake, TEAMS / name)
    assert outcome.action is Action.SKIPPED
    assert "add --layout table" in outcome.reason
    assert outcome_of(lake, TEAMS / name, "table").action is Action.INGESTED
    (product,) = lake.products()
    assert (product["layout"], product["level"], product["productType"]) == ("table", "team", "x1d")
    with lake.retrieve(uri=product["uri"]) as retrieved, fits.open(TEAMS / name) as hdus:
        columns = {column.name: column.read() for column in retrieved.answer.columns}
        np.testing.assert_array_equal(columns["flux"], hdus[1].data["flux"])
        np.testing.assert_array_equal(columns["wavelength"], hdus[1].data["wavelength"])


LEFT_OUT = [
    ("jw01345062001_03101_00001_nrs2_phot.138.1345_933.fits", Action.SKIPPED, "SlitModel.*level 2"),
    ("jw02565007001_03101_00002_nrs2_cal.fits", Action.SKIPPED, "MultiSlitModel.*x1d or s2d"),
    ("ERS_NGTS10_2022_new_drift_041_calints.fits", Action.SKIPPED, "SlitModel.*level 2"),
    ("F322W2_R_subpix1_modA_drz.fits", Action.SKIPPED, "ImageModel: an image"),
    (
        "Final_spectrum_MOS_1_105_039_CLEAR-PRISM_MOS_PRISM-observation-2-c0e0_000.fits.gz",
        Action.SKIPPED,
        "no TELESCOP.*DATA, QUALITY, VAR",
    ),
    (
        "transposed_det_image_seq5_MIRIMAGE_P750Lexp1_s2d.fits",
        Action.REFUSED,
        "no spectrum with wavelengths.*unnamed image",
    ),
]


@needs_files
@pytest.mark.parametrize(("name", "action", "reason"), LEFT_OUT)
def test_left_out(lake: Service, name: str, action: Action, reason: str) -> None:
    outcome = outcome_of(lake, TEAMS / "refused" / name)
    assert outcome.action is action
    assert re.search(reason, outcome.reason)


@needs_files
def test_numbers_of_an_msaexp_file(lake: Service) -> None:
    path = TEAMS / RUBIES
    lake.ingest([path])
    with fits.open(path) as hdus:
        table, image = hdus["SPEC1D"].data, hdus["SCI"].data
    one, two = lake.products()
    assert two["uri"] == one["uri"] + "#s2d"
    with lake.retrieve(uri=one["uri"]) as retrieved:
        columns = {column.name: column for column in retrieved.answer.columns}
        np.testing.assert_array_equal(columns["flux"].read(), table["flux"])
        np.testing.assert_array_equal(columns["fluxErr"].read(), table["err"])
        assert columns["flux"].unit == "uJy"
    with lake.retrieve(uri=two["uri"]) as retrieved:
        columns = {column.name: column for column in retrieved.answer.columns}
        np.testing.assert_array_equal(columns["flux"].read(), image)
        np.testing.assert_array_equal(columns["wavelength"].read(), table["wave"])
        assert u.Unit(columns["flux"].unit) == u.uJy
    # By its file name, a file means its main product.
    with lake.retrieve(file_name=path.name) as retrieved:
        assert retrieved.answer.product_type == "x1d"


@needs_files
def test_jades_wavelengths_are_searched_in_micron(lake: Service) -> None:
    path = TEAMS / "jades/000110_prism_clear_v5.0_1D.fits"
    lake.ingest([path])
    with fits.open(path) as hdus:
        metres, flux = hdus["WAVELENGTH"].data, hdus["DATA"].data
    inside = (metres >= 2e-6) & (metres <= 3e-6) & np.isfinite(flux)
    assert lake.count([("wavelength", "2,3")]).pixels == np.count_nonzero(inside)
    with lake.retrieve(file_name=path.name) as retrieved:
        columns = {column.name: column for column in retrieved.answer.columns}
        np.testing.assert_array_equal(columns["wavelength"].read(), metres)
        np.testing.assert_array_equal(columns["flux"].read(), flux)
        assert u.Unit(columns["wavelength"].unit) == u.m


@needs_files
def test_gzipped_file_from_the_client(lake: Service) -> None:
    path = TEAMS / "loki/Level3_ch4-short_s3d.fits.gz"
    lake.ingest([path])
    uri = lake.products()[0]["uri"]
    with SpectralDB(lake.lake.folder, progress=False) as db, db.retrieve(uri).fits() as hdus:
        assert hdus["SCI"].data.shape == (542, 29, 31)
    response = TestClient(create_app(lake)).get(f"/spectra/api/v0.1/retrieve/file?uri={uri}")
    assert response.headers["content-type"] == "application/gzip"
    assert fits.open(io.BytesIO(gzip.decompress(response.content)))["SCI"].shape == (542, 29, 31)


def test_layouts_and_levels_in_searches(lake: Service, tmp_path: Path) -> None:
    write_x1d(tmp_path / "a.fits", COLUMNS, UNITS, name="SPECTRUM")
    write_x1d(tmp_path / "b_x1d.fits", COLUMNS, UNITS)
    summary = lake.ingest([tmp_path])
    assert dict(summary.layouts) == {"table": 1, "pipeline": 1}
    for column, values in (("layout", ("table", "pipeline")), ("level", ("team", "3"))):
        for value in values:
            assert lake.count([(column, value)]).pixels == 8
    assert {each.layout: each.products for each in lake.holdings().layouts} == {
        "pipeline": 1,
        "table": 1,
    }


def test_no_telescope(lake: Service, tmp_path: Path) -> None:
    models: dict[str, Any] = {"TELESCOP": "", "DATAMODL": "MultiSpecModel", "EXP_TYPE": "MIR_MRS"}
    assert outcome_of(lake, write_x1d(tmp_path / "a.fits", COLUMNS, primary=models)).action is (
        Action.INGESTED
    )
    other = write_x1d(tmp_path / "b.fits", COLUMNS, primary={"TELESCOP": "HST"})
    outcome = outcome_of(lake, other)
    assert outcome.action is Action.SKIPPED
    assert "TELESCOP is HST" in outcome.reason


def test_unknown_extension_names(lake: Service, tmp_path: Path) -> None:
    path = write_x1d(tmp_path / "a.fits", {"a": [1.0], "b": [2.0]}, name="")
    outcome = outcome_of(lake, path)
    assert outcome.action is Action.SKIPPED
    assert "Extensions: unnamed table." in outcome.reason


def test_duplicate(lake: Service, tmp_path: Path) -> None:
    name = "jw01128-o002_t016_nirspec_prism-clear_x1d.fits"
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_x1d(tmp_path / folder / name, COLUMNS, UNITS)
    actions = [outcome.action for outcome in lake.ingest([tmp_path]).outcomes]
    assert sorted(actions) == [Action.DUPLICATE, Action.INGESTED]


@pytest.mark.parametrize("together", [True, False])
def test_same_bytes(lake: Service, tmp_path: Path, together: bool) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_x1d(tmp_path / folder / f"{folder}.fits", COLUMNS, UNITS)
    runs = [[tmp_path]] if together else [[tmp_path / "a"], [tmp_path / "b"]]
    outcomes = [outcome for paths in runs for outcome in lake.ingest(paths).outcomes]
    assert [outcome.action for outcome in outcomes] == [Action.INGESTED, Action.DUPLICATE]
    assert f"The same bytes as {tmp_path / 'a' / 'a.fits'}" in outcomes[1].reason
    assert len(lake.products()) == 1
    assert lake.count([]).pixels == 8
    again = lake.ingest([tmp_path]).outcomes
    assert [outcome.action for outcome in again] == [Action.UNCHANGED, Action.DUPLICATE]
    (tmp_path / "a" / "a.fits").unlink()
    assert [outcome.action for outcome in lake.ingest([tmp_path]).outcomes] == [Action.INGESTED]


def test_hidden_and_special_files(lake: Service, tmp_path: Path) -> None:
    for name in ("a.fits", ".hidden.fits", ".cache/b.fits"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_x1d(tmp_path / name, COLUMNS, UNITS, primary={"TITLE": name})
    os.mkfifo(tmp_path / "pipe.fits")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(tmp_path)
        server.bind("socket.fits")
        outcomes = lake.ingest([tmp_path]).outcomes
        assert [outcome.name for outcome in outcomes] == ["a.fits"]
        for special in ("pipe.fits", "socket.fits"):
            outcome = outcome_of(lake, tmp_path / special)
            assert outcome.action is Action.REFUSED
            assert "not a regular file" in outcome.reason
    assert outcome_of(lake, tmp_path / ".hidden.fits").action is Action.INGESTED


def test_gzip_under_either_name(lake: Service, tmp_path: Path) -> None:
    plain = write_x1d(tmp_path / "plain.fits", COLUMNS, UNITS)
    (tmp_path / "zipped.fits").write_bytes(gzip.compress(plain.read_bytes()))
    plain.rename(tmp_path / "plain.fits.gz")
    assert lake.ingest([tmp_path]).count(Action.INGESTED) == 2


def test_last_block_without_padding(
    lake: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_x1d(tmp_path / "a.fits", COLUMNS, UNITS)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 2880 + 8 * 3 * 8])
    assert outcome_of(lake, path).action is Action.INGESTED
    assert "not padded" in caplog.text
    path.write_bytes(content[: len(content) - 2880 + 8 * 3 * 8 - 1])
    assert "at least 1 byte too short" in outcome_of(lake, path).reason


def test_vectors_in_one_row(lake: Service, tmp_path: Path) -> None:
    vectors = {"WAVELENGTH": [np.linspace(1, 2, 200)], "FLUX": [np.ones(200)]}
    lake.ingest([write_x1d(tmp_path / "a.fits", vectors)])
    (product,) = lake.products()
    assert (product["nSpectra"], product["nStored"]) == (1, 200)


def test_scalar_columns_with_tdim(lake: Service, tmp_path: Path) -> None:
    lake.ingest([write_x1d(tmp_path / "a.fits", COLUMNS, cards={"TDIM1": "(1)", "TDIM2": "(1)"})])
    (product,) = lake.products()
    assert (product["nSpectra"], product["nStored"]) == (1, 8)


def test_unknown_layout(lake: Service, tmp_path: Path) -> None:
    with pytest.raises(BadQueryError, match="--layout: Unknown layout 'x'"):
        lake.ingest([tmp_path], layout="x")
    path = write_x1d(tmp_path / "a.fits", COLUMNS, UNITS)
    assert "does not have the layout jades" in outcome_of(lake, path, "jades").reason


def test_arrays_of_varying_length(lake: Service, tmp_path: Path) -> None:
    lengths = [5, 0, 8]
    arrays = {
        name: np.array([np.arange(1.0, n + 1) / 4 + 1 for n in lengths], dtype=object)
        for name in ("WAVELENGTH", "FLUX", "FLUX_ERROR")
    }
    columns = [fits.Column(name, "PD()", "um", array=each) for name, each in arrays.items()]
    columns[0:0] = [fits.Column("SOURCE_ID", "J", array=[7, 8, 9])]
    hdu = fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")
    primary = fits.PrimaryHDU()
    primary.header.update(dict(PRIMARY))
    path = tmp_path / "a.fits"
    fits.HDUList([primary, hdu]).writeto(path)
    lake.ingest([path])
    (product,) = lake.products()
    assert (product["nSpectra"], product["nStored"]) == (3, 13)
    assert lake.count([("sourceId", "9"), ("wavelength.gt", "2")]).pixels == 4
    with lake.retrieve(file_name=path.name) as retrieved:
        found = {column.name: column.read() for column in retrieved.answer.columns}
    for name, api in (("WAVELENGTH", "wavelength"), ("FLUX", "flux")):
        np.testing.assert_array_equal(found[api], np.concatenate(arrays[name]))
    np.testing.assert_array_equal(found["spectrum"], np.repeat([0, 1, 2], lengths))
