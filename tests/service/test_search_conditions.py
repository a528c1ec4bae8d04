"""Conditions of searches for pixels: on products, on positions and with units."""

from typing import NamedTuple

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from fastapi.testclient import TestClient

from spectraldb.counted import counted
from spectraldb.query.operators import OPERATORS
from spectraldb.service.service import Service
from tests.service.conftest import Files
from tests.support.pixel_scan import PixelScan

API = "/spectra/api/v0.1"


class Counts(NamedTuple):
    """Numbers of products with matching pixels in the two lakes, counted by hand."""

    generated: int
    real: int


ON_PRODUCTS = {
    "targetName.like=ngc*": Counts(0, 2),
    "targetName.like=synthetic m*&product=all": Counts(6, 0),
    "targetName.like=*fiel_": Counts(0, 0),
    "targetName=GANYMEDE,telesto": Counts(0, 3),
    "targetName=synthetic merger,SYNTHETIC PROTOSTAR": Counts(3, 0),
    "targetName.in=GANYMEDE,telesto": Counts(0, 3),
    "targetName.in=Synthetic Merger,SYNTHETIC PROTOSTAR": Counts(3, 0),
    "program=1373": Counts(0, 1),
    "program=99003": Counts(2, 0),
    "program=01373,1128": Counts(0, 2),
    "program=01234,99008": Counts(5, 0),
    "instrument.ne=NIRSPEC": Counts(6, 2),
    "fileName.like=*_x1d-masked.fits": Counts(0, 1),
    "fileName.like=*_f290lp-g395m_x1d.fits": Counts(1, 1),
    "fileName.like=*x1d_masked*": Counts(0, 0),  # an underscore matches only itself
    "fileName.like=*f290lp_g395m*": Counts(0, 0),
    "targetName.eq=NGC 7469": Counts(0, 2),
    "targetName.eq=SYNTHETIC MERGER": Counts(2, 0),
    'targetName="NGC 7469",GANYMEDE': Counts(0, 3),
    'targetName="SYNTHETIC MERGER",TEST-TARGET': Counts(6, 0),
    "derSnr.gt=100": Counts(8, 4),
    "calVer=1.9.3": Counts(0, 4),
    "calVer=1.12.5": Counts(2, 2),
}


@pytest.mark.parametrize("query", ON_PRODUCTS)
def test_conditions_on_products(searched_api: TestClient, files: Files, query: str) -> None:
    page = searched_api.get(f"{API}/search?{query}&group=True").json()
    assert len(page["results"]) == getattr(ON_PRODUCTS[query], files), page


@pytest.mark.parametrize("radius", ["0.32 arcsec", "1.53arcsec", "0.0005", "2 deg"])
def test_cone_agrees_with_astropy(searched: Service, searched_api: TestClient, radius: str) -> None:
    """The position in a cube is the spaxel's; separations are compared with SkyCoord."""
    cubes = [record for record in searched.products() if record["productType"] == "s3d"]
    record = max(cubes, key=lambda record: int(str(record["nSpectra"])))
    uri = str(record["uri"])
    with searched.retrieve(uri=uri) as retrieved:
        arrays = {
            c.name: c.read() for c in retrieved.answer.columns if c.name in ("ra", "dec", "flux")
        }
    spaxels = SkyCoord(arrays["ra"], arrays["dec"], unit="deg")
    y, x = (n // 2 for n in arrays["ra"].shape)
    center = SkyCoord(arrays["ra"][y, x], arrays["dec"][y, x], unit="deg")
    angle = u.Quantity(radius if radius[-1].isalpha() else f"{radius} deg")
    inside = spaxels.separation(center) <= angle
    expected = int(np.isfinite(arrays["flux"][:, inside]).sum())
    cone = {"ra": center.ra.deg, "dec": center.dec.deg, "radius": radius, "product": "s3d"}
    count = searched_api.get(f"{API}/search/count", params=cone | {"uri": uri}).json()
    assert count["pixels"] == expected > 0
    results = searched_api.get(f"{API}/search", params=cone | {"limit": "5"}).json()["results"]
    assert {"ra", "dec", "x", "y", "z"} <= set(results[0])


def _pixel_area(path: str) -> float:
    """Return the only pixel area of the images of a file, or NaN."""
    with fits.open(path) as hdus:
        areas = {hdu.header.get("PIXAR_SR") for hdu in hdus if hdu.name == "SCI"}
    area = areas.pop() if len(areas) == 1 else None
    return np.nan if area is None else float(area)


def test_flux_in_other_units(
    searched_api: TestClient, searched: Service, scans: dict[str, PixelScan]
) -> None:
    records = {r["uri"]: r for r in searched.products() if r["productType"] in ("x1d", "s2d")}
    areas = {
        uri: _pixel_area(str(record["location"]))
        for uri, record in records.items()
        if record["fluxUnit"] == "MJy/sr"
    }
    expected = 0
    for scan in (scans["x1d"], scans["s2d"]):
        area = np.array([areas.get(uri, 1.0) for uri in scan["uri"]])
        scale = np.where(scan["fluxUnit"] == "Jy", 1.0, 1e6) * area
        expected += (scale * scan["flux"] >= 3e-3).sum()
    count = searched_api.get(f"{API}/search/count?product=x1d,s2d&flux.gte=3 mJy").json()
    assert count["pixels"] == expected > 1000
    n_known = np.isfinite(list(areas.values())).sum()
    if n_known:
        part = f"compared in {counted(n_known, 'product')} in MJy/sr by the pixel area"
        assert part in count["message"]
    if n_known < len(areas):
        n_unknown = counted(len(areas) - n_known, "product")
        assert f"excludes {n_unknown} in MJy/sr without a pixel area" in count["message"]


def test_flux_of_spaxels(
    searched_api: TestClient, searched: Service, scans: dict[str, PixelScan]
) -> None:
    scan = scans["s3d"]
    records = {r["uri"]: r for r in searched.products() if r["productType"] == "s3d"}
    areas = {uri: _pixel_area(str(record["location"])) for uri, record in records.items()}
    stored = [np.nan if r["pixelArea"] is None else r["pixelArea"] for r in records.values()]
    np.testing.assert_array_equal(stored, list(areas.values()))
    in_jy = 1e6 * scan["flux"] * np.array([areas[uri] for uri in scan["uri"]])
    threshold = float(np.nanmedian(in_jy)) * 1.000001
    query = {"product": "s3d", "flux.gt": f"{threshold!r} Jy"}
    count = searched_api.get(f"{API}/search/count", params=query).json()
    assert count["pixels"] == (in_jy > threshold).sum() > 0
    shown = f"{np.nanmin(list(areas.values())):.4g}"
    assert f"by the pixel area (pixelArea), {shown}" in count["message"]


@pytest.mark.parametrize("operator", ["gt", "lte"])
def test_flux_per_wavelength(
    searched_api: TestClient, scans: dict[str, PixelScan], operator: str
) -> None:
    scan = scans["x1d"]
    f_lambda = u.Unit("erg / (s cm2 AA)")
    flux = np.full(len(scan), np.nan)
    for unit in set(scan["fluxUnit"]):
        rows = scan["fluxUnit"] == unit
        at = u.spectral_density(scan["wavelength"][rows].astype(float) * u.um)
        flux[rows] = (scan["flux"][rows] * u.Unit(unit)).to_value(f_lambda, at)
    known = np.sort(flux[np.isfinite(flux)])
    middle = len(known) // 2
    threshold = float((known[middle] + known[middle + 1]) / 2)
    compare = np.greater if operator == "gt" else np.less_equal
    with np.errstate(invalid="ignore"):
        matches = compare(flux, threshold)
    narrow = matches & (scan["wavelength"] >= 1.5) & (scan["wavelength"] <= 3)
    value = f"{threshold!r} erg / (s cm2 AA)"
    for mask, more in ((matches, {}), (narrow, {"wavelength": "1.5,3"})):
        query = {f"flux.{operator}": value} | more
        count = searched_api.get(f"{API}/search/count", params=query).json()
        assert count["pixels"] == mask.sum() > 0
        groups = searched_api.get(f"{API}/search", params=query | {"group": "true"}).json()
        assert sum(row["matched"] for row in groups["results"]) == mask.sum()
        page = searched_api.get(f"{API}/search", params=query | {"limit": "200"}).json()
        found = [(row["fileName"], row["flux"]) for row in page["results"]]
        expected = scan.rows(np.flatnonzero(mask)[:200], ("fileName", "flux"))
        assert found == [(row["fileName"], row["flux"]) for row in expected]


def test_magnitudes_are_converted_through_the_value(
    searched_api: TestClient, scans: dict[str, PixelScan]
) -> None:
    scan = scans["x1d"]
    threshold = (15 * u.ABmag).to_value(u.Jy)
    in_jy = np.where(scan["fluxUnit"] == "MJy", 1e6, 1.0) * scan["flux"]
    for unit in ("mag(AB)", "ABmag"):
        count = searched_api.get(f"{API}/search/count", params={"flux.lt": f"15 {unit}"}).json()
        assert count["pixels"] == (in_jy < threshold).sum() > 0


def test_wavelengths_as_frequencies(searched_api: TestClient) -> None:
    def count(**query: str) -> int:
        response = searched_api.get(f"{API}/search/count", params=query)
        return int(response.json()["pixels"])

    bounds = [float((number * u.THz).to_value(u.um, u.spectral())) for number in (200, 150)]
    in_um = count(wavelength=",".join(map(repr, bounds)))
    assert count(wavelength="150,200 THz") == count(wavelength="200,150 THz") == in_um > 0
    above = count(**{"wavelength.gt": "150 THz"})
    assert above == count(**{"wavelength.gt": repr(bounds[1])}) > 0


def test_wavelengths_in_other_units(searched_api: TestClient) -> None:
    in_um, in_angstrom = (
        searched_api.get(
            f"{API}/search", params={"wavelength": wavelength, "limit": "2000"}
        ).json()["results"]
        for wavelength in ("1.2,1.3", "12000,13000 Angstrom")
    )
    assert in_angstrom == in_um != []


def test_snr_is_flux_over_error(searched_api: TestClient) -> None:
    query = f"{API}/search?snr.between=5,6&columns=flux,fluxErr&limit=5000"
    results = searched_api.get(query).json()["results"]
    assert results
    for row in results:
        assert row["snr"] == row["flux"] / row["fluxErr"]
        assert 5 <= row["snr"] <= 6
    count = searched_api.get(f"{API}/search/count?snr.between=5,6").json()
    assert count["pixels"] == len(results)


def test_columns_are_listed(searched_api: TestClient) -> None:
    listed = searched_api.get(f"{API}/search/columns").json()
    columns = {column["name"]: column for column in listed["columns"]}
    assert columns["wavelength"]["units"] == "um"
    assert columns["wavelength"]["operators"] == [
        op for op in OPERATORS if op not in ("like", "has", "lacks")
    ]
    assert columns["dq"]["operators"] == [op for op in OPERATORS if op != "like"]
    assert columns["productType"]["values"] == ["c1d", "s2d", "s3d", "x1d", "x1dints"]
    assert [operator["name"] for operator in listed["operators"]] == list(OPERATORS)
    for name, column in columns.items():
        response = searched_api.get(f"{API}/search/count", params={name: column["example"]})
        assert response.status_code == 200
