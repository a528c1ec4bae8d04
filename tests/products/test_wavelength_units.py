"""Wavelengths in any unit: searched in micron, retrieved as in the file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits

from spectraldb.errors import RefusedError
from spectraldb.products.open import open_product
from spectraldb.service.service import Service
from tests.support.small_files import write_s2d, write_x1d

MICRON = np.linspace(1.0, 2.0, 201)
UNITS = {
    "um": u.um,
    "micron": u.um,
    "MICRONS": u.um,
    "Angstrom": u.AA,
    "ANGSTROM": u.AA,
    "nm": u.nm,
    "m": u.m,
    "mm": u.mm,
    "Hz": u.Hz,
    "GHz": u.GHz,
    "cm-1": u.cm**-1,
    "1/cm": u.cm**-1,
    "eV": u.eV,
}


def in_unit(unit: str) -> Any:
    return (MICRON * u.um).to_value(UNITS[unit], u.spectral())


def assert_searched_in_micron(lake: Service, path: Path, values: Any, unit: str) -> None:
    lake.ingest([path])
    # The values of the file in micron, which can differ from MICRON by a rounding.
    micron = (values * UNITS[unit]).to_value(u.um, u.spectral())
    conditions = [
        ("wavelength", "1.1999,1.3001"),
        ("product", "all"),
        ("columns", "productWavelengthMin"),
    ]
    rows = lake.search(conditions).rows.to_pylist()
    np.testing.assert_allclose([row["wavelength"] for row in rows], MICRON[40:61], rtol=1e-12)
    assert rows[0]["productWavelengthMin"] == pytest.approx(micron.min(), rel=1e-12)
    uri = lake.products()[0]["uri"]
    for cut in ("1.1999,1.3001", "11999,13001 Angstrom", "1199.9,1300.1 nm"):
        pairs = [("uri", uri), ("wavelength", cut)]
        with lake.retrieve_request(pairs) as retrieved:
            columns = {column.name: column for column in retrieved.answer.columns}
            found = columns["wavelength"].read()
            np.testing.assert_array_equal(np.ravel(found), values[40:61])
            named = columns["wavelength"].unit
            assert u.Unit(named) == UNITS[unit]
    with lake.retrieve_request([("uri", uri), ("bin", "wavelength:4")]) as retrieved:
        columns = {column.name: column for column in retrieved.answer.columns}
        assert columns["wavelength"].unit == "um"
        expected = micron[:200].reshape(-1, 4).mean(axis=1)
        np.testing.assert_allclose(columns["wavelength"].read()[:50], expected, rtol=1e-12)


@pytest.mark.parametrize("unit", UNITS)
def test_table(lake: Service, tmp_path: Path, unit: str) -> None:
    values = in_unit(unit)
    columns = {"WAVELENGTH": values, "FLUX": np.ones(201), "FLUX_ERROR": np.full(201, 0.1)}
    path = write_x1d(tmp_path / "x1d.fits", columns, {"WAVELENGTH": unit, "FLUX": "Jy"})
    assert_searched_in_micron(lake, path, values, unit)


@pytest.mark.parametrize("unit", UNITS)
def test_image(lake: Service, tmp_path: Path, unit: str) -> None:
    values = in_unit(unit)
    path = write_s2d(tmp_path / "s2d.fits", values[np.newaxis], unit)
    assert_searched_in_micron(lake, path, values, unit)


def test_no_unit_means_micron(lake: Service, tmp_path: Path) -> None:
    columns = {"WAVELENGTH": MICRON, "FLUX": np.ones(201)}
    lake.ingest([write_x1d(tmp_path / "x1d.fits", columns)])
    lake.ingest([write_s2d(tmp_path / "s2d.fits", MICRON[np.newaxis], None)])
    rows = lake.search([("wavelength", "1.2,1.3"), ("product", "all")]).rows
    assert len(rows) == 42


@pytest.mark.parametrize("unit", ["Jy", "furlong", "s"])
def test_units_that_are_not_spectral(tmp_path: Path, unit: str) -> None:
    columns = {"WAVELENGTH": MICRON, "FLUX": np.ones(201)}
    path = write_x1d(tmp_path / "x1d.fits", columns, {"WAVELENGTH": unit})
    with pytest.raises(RefusedError, match=f"{unit}.*not spectral"):
        open_product(path)
    path = write_s2d(tmp_path / "s2d.fits", MICRON[np.newaxis], unit)
    with pytest.raises(RefusedError, match=f"{unit}.*not spectral"):
        open_product(path)


def test_wavelengths_that_are_none(lake: Service, tmp_path: Path) -> None:
    wavelength = MICRON.copy()
    wavelength[:5] = [0.0, -1000.0, np.nan, np.inf, -np.inf]
    columns = {"WAVELENGTH": wavelength, "FLUX": np.ones(201), "FLUX_ERROR": np.full(201, 0.1)}
    path = write_x1d(tmp_path / "x1d.fits", columns, {"WAVELENGTH": "um", "FLUX": "Jy"})
    lake.ingest([path])
    assert lake.count([("wavelength.lt", "100000"), ("wavelength.gt", "-100000")]).pixels == 196
    assert lake.count([("wavelength.isnull", "true")]).pixels == 5
    assert lake.count([("good", "true")]).pixels == 196
    columns_of = "wavelengthMin,wavelengthMax,nGood,sampling,productWavelengthMin"
    row = lake.search([("limit", "1"), ("columns", columns_of)]).rows.to_pylist()[0]
    assert row["wavelengthMin"] == row["productWavelengthMin"] == MICRON[5]
    assert (row["wavelengthMax"], row["nGood"]) == (2.0, 196)
    assert row["sampling"] == pytest.approx(0.005)
    with fits.open(path) as hdus, lake.retrieve(file_name=path.name) as retrieved:
        column = next(c for c in retrieved.answer.columns if c.name == "wavelength")
        np.testing.assert_array_equal(column.read(), hdus[1].data["WAVELENGTH"])
