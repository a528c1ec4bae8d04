"""Every documented error has the same shape and a helpful message."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.counted import numbered_spectra
from spectraldb.errors import LakeError
from spectraldb.service.service import Service
from tests.support.layouts import LAYOUTS, write_layout

API = "/spectra/api/v0.1"

ERRORS = [
    (f"{API}/search?derSNR.gt=5", 400, "Unknown column 'derSNR'. Did you mean 'derSnr'?"),
    (f"{API}/search?wavelenght=1,2", 400, "Did you mean 'wavelength'?"),
    (f"{API}/search?qqq=1", 400, "/spectra/docs"),
    (f"{API}/search?flux.gte=ten", 400, "flux.gte: 'ten' is not a number"),
    (f"{API}/search?flux.gte=nan", 400, "not a finite number"),
    (f"{API}/search?flux.gte=", 400, "flux.gte: The value is missing"),
    (f"{API}/search?flux.above=1", 400, "Unknown operator 'above'. Operators: eq, ne, gt"),
    (f"{API}/search?flux.ge=1", 400, "Did you mean 'gte'? Operators: eq, ne"),
    (f"{API}/search?flux.isnull=maybe", 400, "flux.isnull: 'maybe' is neither true nor false"),
    (f"{API}/search?flux.isnull=", 400, "flux.isnull: The value is missing"),
    (f"{API}/search?flux.gte=1,2", 400, "flux.gte: Takes one value, but '1,2' has several"),
    (f"{API}/search?flux.like=1*", 400, "'like' does not apply to flux, which has type float"),
    (f"{API}/search?good.gt=1", 400, "'gt' does not apply to good"),
    (f"{API}/search?product.like=x*", 400, "'like' does not apply to productType"),
    (f"{API}/search?wavelength=1,2,3", 400, "A range takes two values"),
    (f"{API}/search?wavelength.between=1", 400, "A range takes two values"),
    (f"{API}/search?wavelength=2,1", 400, "Write the lower value first"),
    (f"{API}/search?product=x2d", 400, "Unknown value 'x2d'. Values: c1d, s2d, s3d, x1d, x1dints"),
    (f"{API}/search?good=maybe", 400, "neither true nor false"),
    (f"{API}/search?group=perhaps", 400, "group: 'perhaps' is neither true nor false"),
    (f"{API}/search?limit=0", 400, "limit: Must be between 1 and 100,000"),
    (f"{API}/search?limit=many", 400, "limit: 'many' is not a whole number"),
    (f"{API}/search?limit=1&limit=2", 400, "limit: Specified 2 times"),
    (f"{API}/search?version=-1", 400, "out of range"),
    (f"{API}/search?version=77", 404, "version: The lake has no version 77"),
    (f"{API}/search?after=x", 400, "not a page token"),
    (f"{API}/search?columns=targetNam", 400, "Did you mean 'targetName'?"),
    (f"{API}/search?group=True&columns=flux", 400, "flux differs within a product"),
    (f"{API}/search?location=/", 400, "Unknown column 'location'"),
    (f"{API}/search?targetName=a%0Ab", 400, "is not a list of values"),
    (f"{API}/search?columns=a%0Ab", 400, "is not a list of values"),
    (f"{API}/search?" + "&".join(["flux.gt=0"] * 200), 400, "200 conditions exceed the limit"),
    (f"{API}/search?flux.gt=1_0", 400, "'1_0' is not a number"),
    (f"{API}/search?after=Wy0xLCAwLCAwLCAwXQ", 400, "not a page token"),
    (f"{API}/search?ra=1&dec=2&radius=0", 400, "radius: Must be above 0"),
    (f"{API}/search?ra=1&radius=1", 400, "dec is missing"),
    (f"{API}/search?ra=1&dec=95&radius=1", 400, "dec: Must be between -90 and 90 deg"),
    (f"{API}/search?ra=1&dec=5&radius=1 Jy", 400, "Jy cannot be converted to deg"),
    (f"{API}/search?flux.gt=1 parrot", 400, "Unknown unit 'parrot'"),
    (f"{API}/search?sort_by=-flx", 400, "Did you mean 'flux'?"),
    (f"{API}/search?group=True&sort_by=-flux", 400, "flux differs within a product"),
    (f"{API}/search?sort_by=-flux&after=WzEsMSwyLDNd", 400, "not a page token"),
    (f"{API}/search/count?derSNR.gt=5", 400, "Did you mean 'derSnr'?"),
    (f"{API}/search/columns?x=1", 400, "Parameters: none."),
    (f"{API}/retrieve", 400, "Specify a product"),
    (f"{API}/retrieve?uri=", 400, "Specify a product"),
    (f"{API}/retrieve?uri=a&filename=b", 400, "not both"),
    (f"{API}/retrieve?uri=mast:JWST/product/no.fits", 404, "in the lake"),
    (f"{API}/retrieve?filename=no.fits", 404, "in the lake"),
    (f"{API}/retrieve?filename=no.fits&specrum=1", 400, "Unknown parameter 'specrum'"),
    (f"{API}/retrieve/derived?uri=no", 404, "in the lake"),
    (f"{API}/retrieve?filename=no.fits&spectrum=one", 400, "spectrum"),
    (f"{API}/retrieve?filename=no.fits&spectrum=-1", 400, "spectrum"),
    (f"{API}/nothing", 404, "/spectra/docs"),
    ("/nothing", 404, "/spectra/docs"),
]


@pytest.mark.parametrize(("url", "status", "message"), ERRORS, ids=lambda value: str(value)[-40:])
def test_errors_have_the_same_form(
    api: TestClient, tmp_path: Path, url: str, status: int, message: str
) -> None:
    response = api.get(url)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"status", "message"}
    assert body["status"] == 0
    assert message in body["message"]
    assert str(tmp_path) not in body["message"]


def test_nearest_uri_is_suggested(samples_api: TestClient) -> None:
    right = "mast:JWST/product/jw99002-o001_t001_nirspec_prism-clear_x1d.fits"
    for wrong in (right.rsplit("/", 1)[1], right.lower(), right.removesuffix(".fits")):
        message = samples_api.get(f"{API}/retrieve?uri={wrong}").json()["message"]
        assert f"Did you mean {right}?" in message


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(api: TestClient, method: str) -> None:
    response = api.request(method, f"{API}/search")
    assert response.status_code == 405
    assert response.json() == {
        "status": 0,
        "message": "Method not allowed. This endpoint accepts GET.",
    }
    assert response.headers["allow"] == "GET, HEAD"


def test_spectrum_out_of_range(layouts: Service, layouts_api: TestClient) -> None:
    for row in layouts.products():
        for endpoint in ("retrieve", "retrieve/derived"):
            n = row["nSpectra"]
            response = layouts_api.get(f"{API}/{endpoint}?uri={row['uri']}&spectrum={n}")
            assert response.status_code == 404
            assert numbered_spectra(n) in response.json()["message"]


def test_file_that_was_truncated(lake: Service, api: TestClient, tmp_path: Path) -> None:
    path = write_layout(next(x for x in LAYOUTS if x.key == "x1d-mos"), tmp_path)
    lake.ingest([path])
    path.write_bytes(path.read_bytes()[:9000])
    response = api.get(f"{API}/retrieve?filename={path.name}")
    assert response.status_code == 409
    assert "ingest" in response.json()["message"]
    assert str(tmp_path) not in response.text


def test_unexpected_error_reveals_nothing_of_the_server(
    lake: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Service, "search", fail)
    with TestClient(create_app(lake), raise_server_exceptions=False) as client:
        response = client.get(f"{API}/search")
    assert response.status_code == 500
    assert response.json()["status"] == 0
    assert "secret" not in response.text


def test_unreadable_lake_reveals_nothing_of_the_server(lake: Service, tmp_path: Path) -> None:
    path = write_layout(next(x for x in LAYOUTS if x.key == "x1d-mos"), tmp_path)
    lake.ingest([path])
    for file in lake.lake.folder.rglob("SpectralPixel/**/*.parquet"):
        file.write_bytes(b"PAR1 damaged PAR1")
    with TestClient(create_app(lake)) as client:
        response = client.get(f"{API}/search")
    assert response.status_code == 503
    assert "Try again later." in response.json()["message"]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"time_limit": 0.001}, "exceeded the time limit"),
        ({"memory_limit": "1MB"}, "exceeded the memory limit"),
    ],
)
def test_limits_of_time_and_memory(samples: Service, limits: dict[str, Any], message: str) -> None:
    service = Service(samples.settings.model_copy(update=limits))
    with TestClient(create_app(service)) as client:
        for query in ("product=all&sort_by=-flux", "product=all&columns=derSnr&sort_by=-derSnr"):
            response = client.get(f"{API}/search?{query}")
            assert response.status_code == 422, response.text
            assert message in response.json()["message"]
    service.close()


def test_retry_after_an_unreadable_lake(
    lake: Service, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LakeError("The disk is not available.")

    monkeypatch.setattr(lake, "search", fail)
    assert api.get(f"{API}/search").headers["retry-after"] == "5"
