"""Tests of the metadata of spectra that files have in different places."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from spectraldb.products.open import open_product
from spectraldb.service.service import Service
from tests.support.small_files import PRIMARY, write_s3d, write_x1d

NAME = "jw01366-o001_t001_niriss_clear-gr700xd_x1dints.fits"
COLUMNS = {"WAVELENGTH": np.linspace(1, 2, 9), "FLUX": np.arange(1.0, 10.0)}


def write_integrations(path: Path, orders: list[int], times: int | None) -> Path:
    """Write a time series with one table per integration and order, and rows of INT_TIMES."""
    primary = fits.PrimaryHDU()
    primary.header.update(dict(PRIMARY) | {"EXPMID": 59000.0, "DETECTOR": "NIS"})
    hdus = [primary]
    if times is not None:
        n = np.arange(1, times + 1)
        rows = {"integration_number": n, "int_mid_MJD_UTC": 59000 + n / 8}
        hdus.append(fits.BinTableHDU(Table(rows | {"int_mid_BJD_TDB": 59001 + n / 8})))
        hdus[-1].name = "INT_TIMES"
    for version, order in enumerate(orders, 1):
        hdus.append(fits.BinTableHDU(Table(COLUMNS), name="EXTRACT1D", ver=version))
        hdus[-1].header["SPORDER"] = order
    fits.HDUList(hdus).writeto(path)
    return path


@pytest.mark.parametrize(
    ("orders", "integrations"),
    [([1, 1, 1, 2, 2, 2], [1, 2, 3, 1, 2, 3]), ([1, 2, 1, 2, 1, 2], [1, 1, 2, 2, 3, 3])],
)
@pytest.mark.parametrize("times", [None, 0, 3])
def test_integrations_from_the_order_of_tables(
    orders: list[int], integrations: list[int], times: int | None, lake: Service, tmp_path: Path
) -> None:
    lake.ingest([write_integrations(tmp_path / NAME, orders, times)])
    query = [("product", "x1dints"), ("pixel", "0"), ("columns", "order,integration,mjdAvg,tdbMid")]
    rows = lake.search(query).rows.to_pylist()
    assert [row["order"] for row in rows] == orders
    assert [row["integration"] for row in rows] == integrations
    for row in rows:
        expected = None if not times else 59000 + row["integration"] / 8
        assert row["mjdAvg"] == expected  # never the middle of the whole series
        assert row["tdbMid"] == (None if expected is None else expected + 1)
    found = lake.count([("product", "x1dints"), ("integration", "2"), ("mjdAvg.gt", "59000.2")])
    assert found.pixels == (18 if times else 0)
    assert lake.count([("product", "x1dints"), ("spectrumDetector", "nis")]).pixels == 54


def test_type_of_source_in_the_primary_header(tmp_path: Path) -> None:
    primary = {"SRCTYPE": "POINT", "DETECTOR": "NRS1", "EXPMID": 59000.5, "TDB-MID": 0.0}
    path = write_x1d(tmp_path / "a_x1d.fits", COLUMNS, primary=primary)
    with open_product(path) as product:
        (spectrum,) = product.spectra()
    assert spectrum["sourceType"] == "POINT"
    assert spectrum["spectrumDetector"] == "NRS1"
    assert (spectrum["mjdAvg"], spectrum["tdbMid"]) == (59000.5, None)
    path = write_x1d(
        tmp_path / "b_x1d.fits", COLUMNS, primary=primary, cards={"SRCTYPE": "EXTENDED"}
    )
    with open_product(path) as product:
        assert product.spectra()[0]["sourceType"] == "EXTENDED"


def test_time_of_a_cube(lake: Service, tmp_path: Path) -> None:
    cards = {"MJD-AVG": 59000.25, "TDB-MID": 59000.5}
    lake.ingest([write_s3d(tmp_path / "a_s3d.fits", {"SCI": np.ones((3, 2, 2))}, cards)])
    query = [("product", "s3d"), ("mjdAvg", "59000.25"), ("columns", "tdbMid")]
    assert lake.search(query).rows["tdbMid"][0].as_py() == 59000.5


@pytest.mark.parametrize("program", [1128, 1128.0, "1128", "01128", " 1128"])
def test_numbers_of_programmes(program: object, lake: Service, tmp_path: Path) -> None:
    primary = {"PROGRAM": program, "OBSERVTN": 7, "TARG_RA": -14.25, "TARG_DEC": 2.0}
    lake.ingest([write_x1d(tmp_path / "a_x1d.fits", COLUMNS, primary=primary)])
    for text in ("1128", "01128", "1128,9", "9,01128"):
        assert lake.count([("program", text)]).pixels == 9
    assert lake.count([("program.ne", "1128")]).pixels == 0
    row = lake.search([("columns", "program,observation,targetRA,ra")]).rows.to_pylist()[0]
    assert (row["program"], row["observation"]) == ("01128", "007")
    assert row["targetRA"] == row["ra"] == 345.75


def test_right_ascensions_below_zero_in_rows(lake: Service, tmp_path: Path) -> None:
    table = Table(
        {
            "SOURCE_ID": [5, 6],
            "N_ALONGDISP": [9, 9],
            "SOURCE_RA": [-0.25, 10.0],
            "SOURCE_DEC": [1.0, 2.0],
            **{name: np.tile(values, (2, 1)) for name, values in COLUMNS.items()},
        }
    )
    hdus = [fits.PrimaryHDU(), fits.BinTableHDU(table, name="EXTRACT1D")]
    hdus[0].header.update(PRIMARY)
    hdus[1].header["TNULL1"] = 6
    fits.HDUList(hdus).writeto(tmp_path / "a_x1d.fits")
    lake.ingest([tmp_path / "a_x1d.fits"])
    rows = lake.search([("pixel", "0"), ("columns", "ra,sourceId")]).rows.to_pylist()
    assert [row["ra"] for row in rows] == [359.75, 10.0]
    assert [row["sourceId"] for row in rows] == [5, None]
    assert lake.count([("ra", "359.75"), ("dec", "1"), ("radius", "1arcsec")]).pixels == 9
