"""Small files that were once read wrongly, with the right values."""

import os
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits

from spectraldb.client.parameters import format_value
from spectraldb.service.service import Service
from tests.conftest import ROOT

CASES = Path(os.environ.get("SPECTRALDB_TEST_CASES", ROOT.parent / "shared" / "cases"))
TEAMS = CASES.parent / "teams"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the files are not available")


def ingest(lake: Service, name: str) -> None:
    """Ingest a case, which must be taken."""
    summary = lake.ingest([CASES / name])
    assert [outcome.reason for outcome in summary.refused] == []


def test_wavelengths_in_angstrom(lake: Service) -> None:
    ingest(lake, "wavelength-angstrom_x1d.fits")
    assert lake.count([("wavelength", "1.2,1.3")]).pixels == 20


@pytest.mark.parametrize("name", ["pc3_3_s3d.fits", "cd-matrix_s3d.fits"])
def test_wavelengths_of_cubes(lake: Service, name: str) -> None:
    ingest(lake, name)
    rows = lake.search([("product", "s3d"), ("limit", "100000")]).rows
    found = np.unique(rows["wavelength"].to_numpy())
    np.testing.assert_allclose(found, 5 + 0.01 * np.arange(len(found)), rtol=1e-12)


def test_galactic_positions(lake: Service) -> None:
    ingest(lake, "galactic_s3d.fits")
    pairs = [("product", "s3d"), ("x", "2"), ("y", "2"), ("columns", "ra,dec"), ("limit", "1")]
    row = lake.search(pairs).rows.to_pylist()[0]
    assert (row["ra"], row["dec"]) == pytest.approx((280.631, -2.152), abs=5e-4)


def test_wavelengths_that_are_none(lake: Service) -> None:
    ingest(lake, "wavelength-zero-negative_x1d.fits")
    row = lake.search([("limit", "1"), ("columns", "nGood,wavelengthMin")]).rows.to_pylist()[0]
    assert row["nGood"] == 196
    assert row["wavelengthMin"] == pytest.approx(1.02, abs=1e-3)


def test_header_that_is_not_ascii(lake: Service) -> None:
    ingest(lake, "non-ascii-header_s3d.fits")
    assert lake.count([("product", "s3d")]).pixels > 0


def test_errors_of_zero_count_as_absent(lake: Service) -> None:
    ingest(lake, "errors-zero_x1d.fits")
    columns = ("columns", "fluxErr,snr,good,nGood,derSnr,medianSnr")
    rows = lake.search([columns, ("limit", "1000")]).rows
    assert rows["fluxErr"].null_count == rows["snr"].null_count == len(rows)
    assert rows["good"].to_pylist() == [True] * len(rows)
    assert set(rows["nGood"].to_pylist()) == {len(rows)}
    assert rows["derSnr"][0].as_py() == pytest.approx(20, rel=0.3)
    assert rows["medianSnr"][0].as_py() is None


def test_alias_of_the_error_column(lake: Service) -> None:
    ingest(lake, "flux_err_x1d.fits")
    assert lake.count([("snr.gt", "5")]).pixels == 140
    row = lake.search([("limit", "1"), ("columns", "nGood,medianSnr")]).rows.to_pylist()[0]
    assert row["nGood"] == 140
    assert row["medianSnr"] == pytest.approx(20, rel=0.01)


def test_blank_values_of_a_cube(lake: Service) -> None:
    ingest(lake, "blank-integer_s3d.fits")
    raw = fits.getdata(CASES / "blank-integer_s3d.fits", "SCI")
    rows = lake.search([("product", "s3d"), ("columns", "flux"), ("limit", "100000")]).rows
    assert len(rows) == np.count_nonzero(np.isfinite(raw))
    assert min(rows["flux"].to_pylist()) == pytest.approx(np.nanmin(raw))


@pytest.mark.parametrize("text", ["1128", "01128"])
def test_programme_that_is_a_number(lake: Service, text: str) -> None:
    ingest(lake, "program-number_x1d.fits")
    assert lake.count([("program", text)]).pixels > 0
    assert lake.search([("columns", "program")]).rows["program"][0].as_py() == "01128"


def test_magnitudes_in_conditions(lake: Service) -> None:
    ingest(lake, "plain_x1d.fits")
    rows = lake.search([("limit", "1000"), ("columns", "flux,fluxUnit")]).rows
    flux = rows["flux"].to_numpy() * u.Unit(rows["fluxUnit"][0].as_py())
    for value in (20 * u.ABmag, 21.4 * u.ABmag, 3e-20 * u.Unit("erg / (s cm2 AA)")):
        at = u.spectral_density(rows["wavelength"].to_numpy() * u.um)
        physical = getattr(value, "physical", value)
        expected = np.count_nonzero(flux.to(physical.unit, at) < physical)
        pair = ("flux.lt", format_value("flux", value))
        assert lake.count([pair]).pixels == expected


def test_products_without_a_unit_are_counted(lake: Service) -> None:
    ingest(lake, "no-flux-unit_c1d.fits")
    result = lake.count([("product", "c1d"), ("flux.gte", "3e-3 mJy")])
    assert result.pixels == 0
    assert result.excluded == "flux in mJy excludes 1 product without a unit of flux."


@pytest.mark.skipif(not TEAMS.is_dir(), reason="the files are not available")
def test_soss_before_its_own_extraction(lake: Service) -> None:
    summary = lake.ingest([TEAMS / "specialsoss" / "SUBSTRIP256_CLEAR_x1d.fits"])
    assert [outcome.reason for outcome in summary.refused] == []
    query = [("pixel", "100"), ("columns", "order,sourceType,fluxUnit,fluxErr,snr,derSnr,nGood")]
    rows = lake.search(query).rows.to_pylist()
    assert [row["order"] for row in rows] == [1, 2, 3]
    assert {(row["sourceType"], row["fluxUnit"]) for row in rows} == {("POINT", "Jy")}
    assert {row["fluxErr"] for row in rows} == {row["snr"] for row in rows} == {None}
    assert all(row["derSnr"] > 0 for row in rows)
    assert [row["nGood"] for row in rows] == [1545, 1545, 837]


def test_one_row_of_vectors(lake: Service) -> None:
    ingest(lake, "one-row-vector_x1d.fits")
    (product,) = lake.products()
    assert (product["nSpectra"], product["nStored"]) == (1, 200)
