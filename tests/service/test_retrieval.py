"""Every array of every file, through the API, against what astropy reads."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient

from spectraldb.service.service import Service
from tests.conftest import real_paths
from tests.support.layouts import LAYOUTS, Layout
from tests.support.oracle import Expected, cube_axes, expected_arrays, slit_world

API = "/spectra/api/v0.1"


def uri_of(service: Service, path: Path) -> str:
    return next(str(row["uri"]) for row in service.products() if row["location"] == str(path))


def retrieve(api: TestClient, uri: str, **parameters: Any) -> dict[str, Any]:
    words = "".join(f"&{name}={value}" for name, value in parameters.items())
    response = api.get(f"{API}/retrieve?uri={quote(uri)}{words}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def as_json(array: Any) -> Any:
    """Return an array as JSON has it: 64-bit numbers, null for NaN and infinity."""
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


def assert_same(answer: dict[str, Any], expected: Expected) -> None:
    metadata = answer["column_metadata"]
    by_fits = {entry["fitsExt"]: name for name, entry in metadata.items()}
    for fits_name, array in expected.arrays.items():
        assert fits_name in by_fits, f"{fits_name} is missing"
        assert answer["data"][by_fits[fits_name]] == as_json(array), fits_name
    for fits_name, values in expected.per_spectrum.items():
        name = by_fits[fits_name]
        assert metadata[name]["per"] == "spectrum"
        got = [spectrum[name] for spectrum in answer["spectra"]]
        assert got == as_json(np.array(values)), fits_name


def assert_described(answer: dict[str, Any]) -> None:
    for name, entry in answer["column_metadata"].items():
        assert entry["description"], name
        assert entry["dtype"], name
        assert "units" in entry, name
        assert entry.get("per") == "spectrum" or name in answer["data"], name


@pytest.mark.parametrize("path", real_paths(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_real_file_is_given_bit_for_bit(real: Service, real_api: TestClient, path: Path) -> None:
    answer = retrieve(real_api, uri_of(real, path))
    assert answer["status"] == 1
    assert answer["message"] == f"Successfully found data for {path.name}"
    assert answer["filename"] == path.name
    assert_same(answer, expected_arrays(path))
    assert_described(answer)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.key)
def test_layout_is_given_bit_for_bit(
    layouts: Service, layouts_api: TestClient, layout_folder: Path, layout: Layout
) -> None:
    path = layout_folder / layout.key / layout.file_name
    answer = retrieve(layouts_api, uri_of(layouts, path))
    expected = expected_arrays(path)
    assert answer["productType"] == layout.product_type
    assert_same(answer, expected)
    assert_described(answer)
    assert answer["column_metadata"]["flux"]["units"] == layout.flux_unit
    if layout.product_type in ("x1d", "c1d", "x1dints"):
        assert answer["data"]["wavelength"] == as_json(layout.wavelength)
        assert [s["nPixels"] for s in answer["spectra"]] == expected.lengths
        if len(expected.lengths) > 1:
            numbers = np.repeat(np.arange(len(expected.lengths)), expected.lengths)
            assert answer["data"]["spectrum"] == numbers.tolist()


@pytest.mark.parametrize(
    "layout", [x for x in LAYOUTS if x.product_type == "s3d"], ids=lambda layout: layout.key
)
def test_cube_coordinates(
    layouts: Service, layouts_api: TestClient, layout_folder: Path, layout: Layout
) -> None:
    path = layout_folder / layout.key / layout.file_name
    data = retrieve(layouts_api, uri_of(layouts, path))["data"]
    wavelength, ra, dec = cube_axes(path)
    assert data["wavelength"] == pytest.approx(layout.wavelength, rel=1e-14)
    assert data["wavelength"] == pytest.approx(wavelength, rel=1e-6)
    np.testing.assert_allclose(data["ra"], ra, rtol=1e-13)
    np.testing.assert_allclose(data["dec"], dec, rtol=1e-13)


@pytest.mark.parametrize("path", [p for p in real_paths() if "s3d" in p.name], ids=lambda p: p.name)
def test_real_cube_coordinates(real: Service, real_api: TestClient, path: Path) -> None:
    data = retrieve(real_api, uri_of(real, path))["data"]
    wavelength, ra, dec = cube_axes(path)
    assert data["wavelength"] == pytest.approx(wavelength, rel=1e-6)
    np.testing.assert_allclose(data["ra"], ra, atol=1e-12)
    np.testing.assert_allclose(data["dec"], dec, atol=1e-12)


@pytest.mark.parametrize("path", [p for p in real_paths() if "s2d" in p.name], ids=lambda p: p.name)
def test_real_slit_wavelength(real: Service, real_api: TestClient, path: Path) -> None:
    got = np.array(retrieve(real_api, uri_of(real, path))["data"]["wavelength"], "f8")
    _, _, wavelength = slit_world(path)
    inside = np.isfinite(wavelength) & np.isfinite(np.broadcast_to(got, wavelength.shape))
    assert inside.any()
    # A WAVELENGTH extension is in 32 bits; without one the numbers are the WCS's own.
    tolerance = 3e-7 if got.ndim == 2 else 1e-12
    assert np.abs((np.broadcast_to(got, wavelength.shape) - wavelength)[inside]).max() < tolerance


def test_wavelength_of_old_slit_equals_its_extraction(
    real: Service, real_api: TestClient, real_folder: Path
) -> None:
    name = "jw02736-o007_s06355_nirspec_f290lp-g395m_{}.fits"
    image, table = (
        retrieve(real_api, uri_of(real, real_folder / name.format(k)))["data"]
        for k in ("s2d", "x1d")
    )
    assert image["wavelength"] == pytest.approx(table["wavelength"], abs=1e-12)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.key)
def test_one_spectrum_is_a_part_of_all(
    layouts: Service, layouts_api: TestClient, layout_folder: Path, layout: Layout
) -> None:
    uri = uri_of(layouts, layout_folder / layout.key / layout.file_name)
    everything = retrieve(layouts_api, uri)
    k = next(row for row in layouts.products() if row["uri"] == uri)["nSpectra"] // 2
    one = retrieve(layouts_api, uri, spectrum=k)["data"]
    flux = everything["data"]["flux"]
    assert one["flux"] == _expected_spectrum(layout, everything, flux, k)
    assert len(one["wavelength"]) == len(one["flux"])


def _expected_spectrum(layout: Layout, answer: dict[str, Any], flux: Any, k: int) -> Any:
    if layout.product_type == "s3d":
        ny_nx = len(flux[0][0])
        return [plane[k // ny_nx][k % ny_nx] for plane in flux]
    if layout.product_type == "s2d":
        if layout.key == "s2d-multislit":
            flux = [row for slit in flux for row in slit]
            return flux[k]
        return [line[k] for line in flux] if layout.key == "s2d-lrs" else flux[k]
    numbers = answer["data"].get("spectrum", [0] * len(flux))
    return [value for value, number in zip(flux, numbers, strict=True) if number == k]


def test_both_prefixes_and_filename(real_api: TestClient) -> None:
    name = "jw01128-o002_t016_nirspec_prism-clear_x1d.fits"
    answers = [
        real_api.get(f"{prefix}/retrieve?{parameter}").json()
        for prefix in ("/spectra/api/v0.1", "/viz/api/v0.1")
        for parameter in (f"uri=mast:JWST/product/{name}", f"filename={name}")
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["column_metadata"]["wavelength"] == {
        "dtype": "float",
        "description": "wavelength in vacuum",
        "units": "um",
        "fitsExt": "WAVELENGTH",
    }


def test_units_that_the_file_has_wrong(real_api: TestClient) -> None:
    name = "jw02736-o007_s06355_nirspec_f290lp-g395m_s2d.fits"
    metadata = real_api.get(f"{API}/retrieve?filename={name}").json()["column_metadata"]
    assert metadata["flux"]["units"] == "MJy/sr"
    assert metadata["flux"]["fitsUnits"] == "DN/s"
