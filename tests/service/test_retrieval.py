"""All arrays of all files from the API, compared with arrays that astropy reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from spectraldb.lake.record import ProductRecord
from spectraldb.service.service import Service
from tests.support.layouts import LAYOUTS, Layout
from tests.support.oracle import Expected, cube_axes, expected_arrays, slit_world
from tests.support.product_files import ProductFile, for_files

API = "/spectra/api/v0.1"

IMAGE_AND_TABLE = {
    "samples": "jw99001-o002_s00202_nirspec_f290lp-g395m_{}.fits",
    "real": "jw02736-o007_s06355_nirspec_f290lp-g395m_{}.fits",
}
"""Files of an old pipeline, whose image has no wavelengths and wrong units."""


@dataclass(frozen=True)
class Held:
    """A product of a lake: its file, its record, and the application for the lake."""

    path: Path
    record: ProductRecord
    api: TestClient

    def retrieve(self, **parameters: Any) -> dict[str, Any]:
        """Return the arrays of the product, as JSON."""
        return retrieve(self.api, uri=self.record["uri"], **parameters)


def retrieve(api: TestClient, **parameters: Any) -> dict[str, Any]:
    """Return the arrays of a request, as JSON."""
    response = api.get(f"{API}/retrieve", params=parameters)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.fixture
def held(source: ProductFile, request: pytest.FixtureRequest) -> Held:
    """Return the product of a file, in the lake of generated layouts or of real files."""
    is_layout = isinstance(source, Layout)
    service: Service = request.getfixturevalue("layouts" if is_layout else "real")
    api: TestClient = request.getfixturevalue("layouts_api" if is_layout else "real_api")
    path = source
    if isinstance(source, Layout):
        path = request.getfixturevalue("layout_folder") / source.key / source.file_name
    record = next(record for record in service.products() if record["location"] == str(path))
    return Held(Path(str(path)), record, api)


def as_json(array: Any) -> Any:
    """Return an array as in JSON: 64-bit numbers, and null for NaN and infinity."""
    if isinstance(array, list):
        return [as_json(part) for part in array]
    values: Any = np.asarray(array)
    if values.dtype.kind in "SU":
        return [str(text).rstrip() for text in values]
    if values.dtype.kind != "f":
        return values.tolist()
    wide: Any = values.astype("f8").astype(object)
    wide[~np.isfinite(values)] = None
    return wide.tolist()


def assert_same(result: dict[str, Any], expected: Expected) -> None:
    """Assert that a result has all arrays and row columns of a file."""
    metadata = result["column_metadata"]
    by_fits = {entry["fitsExt"]: name for name, entry in metadata.items()}
    for fits_name, array in expected.arrays.items():
        assert fits_name in by_fits, f"{fits_name} is missing"
        assert result["data"][by_fits[fits_name]] == as_json(array), fits_name
    for fits_name, values in expected.per_spectrum.items():
        name = by_fits[fits_name]
        assert metadata[name]["per"] == "spectrum"
        found = [spectrum[name] for spectrum in result["spectra"]]
        assert found == as_json(np.array(values)), fits_name


def assert_described(result: dict[str, Any]) -> None:
    """Assert that all columns of a result have metadata."""
    for name, entry in result["column_metadata"].items():
        assert entry["description"], name
        assert entry["dtype"], name
        assert "units" in entry, name
        assert entry.get("per") == "spectrum" or name in result["data"], name


@for_files()
def test_file_is_returned_bit_for_bit(held: Held, source: ProductFile) -> None:
    result = held.retrieve()
    assert result["status"] == 1
    assert result["message"] == f"Successfully found data for {held.path.name}"
    assert result["filename"] == held.path.name
    assert_same(result, expected_arrays(held.path))
    assert_described(result)
    if isinstance(source, Layout):
        assert result["productType"] == source.product_type
        assert result["column_metadata"]["flux"]["units"] == source.flux_unit


@for_files("x1d", "c1d", "x1dints")
def test_spectra_are_one_after_the_other(held: Held, source: ProductFile) -> None:
    result = held.retrieve()
    lengths = expected_arrays(held.path).lengths
    assert [spectrum["nPixels"] for spectrum in result["spectra"]] == lengths
    if isinstance(source, Layout):
        assert result["data"]["wavelength"] == as_json(source.wavelength)
    if len(lengths) > 1:
        numbers = np.repeat(np.arange(len(lengths)), lengths)
        assert result["data"]["spectrum"] == numbers.tolist()


@for_files("s3d")
def test_cube_coordinates(held: Held, source: ProductFile) -> None:
    data = held.retrieve(columns="ra,dec,wavelength")["data"]
    wavelength, ra, dec = cube_axes(held.path)
    if isinstance(source, Layout):
        assert data["wavelength"] == pytest.approx(source.wavelength, rel=1e-14)
    assert data["wavelength"] == pytest.approx(wavelength, rel=1e-6)
    np.testing.assert_allclose(data["ra"], ra, rtol=1e-13)
    np.testing.assert_allclose(data["dec"], dec, rtol=1e-13)


@for_files("s2d", without=("s2d-wcs-table", "s2d-multislit"))
def test_slit_wavelength_agrees_with_the_gwcs(held: Held) -> None:
    found = np.array(held.retrieve(columns="wavelength")["data"]["wavelength"], "f8")
    _, _, wavelength = slit_world(held.path)
    found = np.broadcast_to(found, wavelength.shape) if found.ndim == 1 else found
    inside = np.isfinite(wavelength) & np.isfinite(found)
    assert inside.any()
    tolerance = np.full(wavelength.shape, 1e-12)
    if (
        "WAVELENGTH" in expected_arrays(held.path).arrays
    ):  # 32-bit values; otherwise computed from the WCS
        tolerance = np.maximum(3e-7, np.spacing(wavelength.astype("f4")) / 2)
    assert np.all(np.abs(found - wavelength)[inside] < tolerance[inside])


def test_wavelength_of_old_slit_equals_its_extraction(each_api: TestClient, lake_name: str) -> None:
    image, table = (
        retrieve(each_api, filename=IMAGE_AND_TABLE[lake_name].format(product_type))["data"]
        for product_type in ("s2d", "x1d")
    )
    assert image["wavelength"] == pytest.approx(table["wavelength"], abs=1e-12)


def test_wrong_units_in_the_file(each_api: TestClient, lake_name: str) -> None:
    result = retrieve(each_api, filename=IMAGE_AND_TABLE[lake_name].format("s2d"))
    assert result["column_metadata"]["flux"]["units"] == "MJy/sr"
    assert result["column_metadata"]["flux"]["fitsUnits"] == "DN/s"


def test_both_prefixes_and_filename(
    each_lake: Service, each_api: TestClient, lake_name: str
) -> None:
    name = IMAGE_AND_TABLE[lake_name].format("x1d")
    results = [
        each_api.get(f"{prefix}/retrieve?{parameter}").json()
        for prefix in ("/spectra/api/v0.1", "/viz/api/v0.1")
        for parameter in (f"uri=mast:JWST/product/{name}", f"filename={name}")
    ]
    assert all(result == results[0] for result in results)
    assert results[0]["column_metadata"]["wavelength"] == {
        "dtype": "float",
        "description": "wavelength in vacuum",
        "units": "um",
        "fitsExt": "WAVELENGTH",
    }


@pytest.mark.parametrize("source", LAYOUTS, ids=lambda layout: layout.key)
def test_one_spectrum_is_part_of_all_spectra(held: Held, source: Layout) -> None:
    result = held.retrieve()
    number = int(str(held.record["nSpectra"])) // 2
    one = held.retrieve(spectrum=number)["data"]
    assert one["flux"] == _flux_of_spectrum(source, result["data"], number)
    assert len(one["wavelength"]) == len(one["flux"])


def _flux_of_spectrum(layout: Layout, data: dict[str, Any], number: int) -> Any:
    flux = data["flux"]
    if layout.product_type == "s3d":
        width = len(flux[0][0])
        return [plane[number // width][number % width] for plane in flux]
    if layout.product_type == "s2d":
        if layout.key == "s2d-multislit":
            return [row for slit in flux for row in slit][number]
        return [line[number] for line in flux] if layout.key == "s2d-lrs" else flux[number]
    numbers = data.get("spectrum", [0] * len(flux))
    return [value for value, n in zip(flux, numbers, strict=True) if n == number]
