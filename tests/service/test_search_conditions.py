"""Conditions of searches for pixels: on products, on positions and with units."""

from typing import NamedTuple

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from fastapi.testclient import TestClient

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


def test_flux_in_other_units(searched_api: TestClient, scans: dict[str, PixelScan]) -> None:
    expected = 0
    for scan in (scans["x1d"], scans["s2d"]):
        in_jy = np.where(scan["fluxUnit"] == "MJy", 1e6, 1.0) * scan["flux"]
        expected += ((in_jy >= 3e-3) & (scan["fluxUnit"] != "MJy/sr")).sum()
    count = searched_api.get(f"{API}/search/count?product=x1d,s2d&flux.gte=3 mJy").json()
    assert count["pixels"] == expected > 1000
    assert "flux in mJy excludes products in MJy/sr" in count["message"]


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
