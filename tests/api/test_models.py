"""Responses conform to the OpenAPI models: exactly their keys, and strict types.

Each body is validated against the model that the document declares for its path and status.
"""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from spectraldb.api import models
from spectraldb.api.app import create_app
from spectraldb.api.models import ErrorAnswer
from spectraldb.errors import (
    BadQueryError,
    ClusterError,
    FileChangedError,
    FileGoneError,
    LakeError,
    LimitError,
    NotHeldError,
)
from spectraldb.service.service import Service

API = "/spectra/api/v0.1"
X1D = "jw99008-o001_t001-s000000001_nirspec_f100lp-g140m-s1600a1_x1d.fits"
X1DINTS = "jw99007-o002_t001_nirspec_clear-prism-s1600a1-sub512_x1dints.fits"
C1D = "jw99005-o001_t001_niriss_f115w-gr150c_c1d.fits"
S2D = "jw99004-o001_t001_miri_p750l_s2d.fits"
S3D = "jw99003-o001_t001_miri_ch1-short_s3d.fits"
CONE = "ra=345.62&dec=8.91&radius=1arcsec"

REQUESTS = {
    f"{API}/search": (
        "product=all&limit=50",
        "wavelength=1.2,1.3&flux.gte=0&derSnr.gt=5&columns=fluxErr,dq,targetName,program,ra,dec",
        "product=s3d&sort_by=-flux&good=true&limit=3",
        f"{CONE}&product=all&columns=spectrum,sourceId,sourceType&limit=20",
        "group=True&product=all",
        "group=True&flux.gt=0&columns=targetName,uri&limit=1",
        "wavelength.lt=0",
    ),
    f"{API}/search/products": (
        "",
        "instrument=MIRI&derSnr.gt=5&sort_by=-matchedSpectra&limit=1",
        f"{CONE}&columns=sRegion,exposureTime,targetRA",
        "instrument=NONE",
    ),
    f"{API}/search/count": ("flux.gt=0", "product=all&wavelength.lt=0", "flux.gt=1mJy"),
    f"{API}/search/sql": ("flux.gt=1mJy&limit=7",),
    f"{API}/search/columns": ("",),
    f"{API}/lines": ("",),
    f"{API}/holdings": ("",),
    f"{API}/retrieve": (
        f"filename={X1D}",
        f"filename={X1D}&wavelength=1.1,1.2&columns=flux,good",
        f"filename={X1DINTS}&spectrum=3",
        f"filename={C1D}",
        f"filename={S2D}",
        f"filename={S2D}&x=3,4&y=10,12",
        f"filename={S2D}&bin=wavelength&statistic=sum",
        f"filename={S3D}&x=3,4&y=3,4&z=0,1",
        f"filename={S3D}&bin=x,y&wavelength=5,5.1",
        f"filename={S3D}&spectrum=7",
        f"filename={S3D}&{CONE}&z=5",
    ),
    f"{API}/retrieve/derived": (
        *(f"filename={name}" for name in (X1D, X1DINTS, C1D, S2D)),
        f"filename={S3D}&spectrum=7",
    ),
    "/health": ("",),
    "/ready": ("",),
}
"""Queries for each endpoint that returns JSON."""

POSITIONS = {"ra": [345.62, None, 275.84], "dec": [8.91, None, 64.36], "radius": "2arcsec"}

ERRORS = (
    (f"{API}/search?derSNR.gt=5", 400),
    (f"{API}/search?version=99999", 404),
    (f"{API}/search/products?flux.gt=1", 400),
    (f"{API}/search/count?flux=a", 400),
    (f"{API}/search/sql?limit=0", 400),
    (f"{API}/search/columns?a=1", 400),
    (f"{API}/lines?a=1", 400),
    (f"{API}/holdings?a=1", 400),
    (f"{API}/retrieve", 400),
    (f"{API}/retrieve?filename=none.fits", 404),
    (f"{API}/retrieve/derived?uri=none", 404),
    (f"{API}/retrieve/file?filename=none.fits", 404),
    (f"{API}/match", 405),
    ("/nothing", 404),
    ("/health?a=1", 400),
)


RAISED = (
    ("search", BadQueryError("for this test"), 400),
    ("search", NotHeldError("for this test"), 404),
    ("search", LimitError("for this test"), 422),
    ("search", LakeError("for this test"), 503),
    ("search", ClusterError("for this test"), 503),
    ("search", ZeroDivisionError("for this test"), 500),
    ("retrieve/file", FileChangedError("for this test"), 409),
    ("retrieve/file", FileGoneError("for this test"), 410),
)
"""Endpoints, errors that the service raises, and their statuses."""


Schemas = dict[str, dict[str, type[BaseModel]]]


def declared(document: dict[str, Any]) -> Schemas:
    """Return the models that OpenAPI declares for JSON responses, by path and status."""
    found: Schemas = {}
    for path, operations in document["paths"].items():
        (operation,) = operations.values()
        for status, response in operation["responses"].items():
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            if schema:
                name = schema["$ref"].removeprefix("#/components/schemas/")
                found.setdefault(path, {})[status] = getattr(models, name)
    return found


@pytest.fixture(scope="module")
def schemas(samples_api: TestClient) -> Schemas:
    return declared(samples_api.get("/spectra/openapi.json").json())


def validate(body: bytes, model: type[BaseModel]) -> None:
    """Validate a body strictly; `status` has a default in the models, and is always sent."""
    model.model_validate_json(body, strict=True, extra="forbid")
    assert json.loads(body)["status"] == model.model_fields["status"].default


@pytest.mark.parametrize(("path", "query"), [(p, q) for p in REQUESTS for q in REQUESTS[p]])
def test_responses(samples_api: TestClient, schemas: Schemas, path: str, query: str) -> None:
    response = samples_api.get(f"{path}?{query}")
    assert response.status_code == 200, response.text
    validate(response.content, schemas[path]["200"])


@pytest.mark.parametrize("spectra", [False, True])
def test_matches(samples_api: TestClient, schemas: Schemas, spectra: bool) -> None:
    response = samples_api.post(f"{API}/match", json=POSITIONS | {"spectra": spectra})
    assert response.json()["results"]
    validate(response.content, schemas[f"{API}/match"]["200"])


def test_retrievals_of_every_layout(
    layouts: Service, layouts_api: TestClient, schemas: Schemas
) -> None:
    for row in layouts.products():
        for path in (f"{API}/retrieve", f"{API}/retrieve/derived"):
            response = layouts_api.get(f"{path}?uri={row['uri']}")
            assert response.status_code == 200, response.text
            validate(response.content, schemas[path]["200"])


def test_every_json_endpoint_is_validated(schemas: Schemas) -> None:
    assert {path for path in schemas if "200" in schemas[path]} == {*REQUESTS, f"{API}/match"}


@pytest.mark.parametrize(("url", "status"), ERRORS)
def test_errors(samples_api: TestClient, url: str, status: int) -> None:
    response = samples_api.get(url)
    assert response.status_code == status
    validate(response.content, ErrorAnswer)


@pytest.mark.parametrize(("endpoint", "error", "status"), RAISED)
def test_raised_errors_are_declared(
    lake: Service,
    schemas: Schemas,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str,
    error: Exception,
    status: int,
) -> None:
    def fail(*_: object) -> None:
        raise error

    for function in ("search", "file"):
        monkeypatch.setattr(lake, function, fail)
    with TestClient(create_app(lake), raise_server_exceptions=False) as api:
        response = api.get(f"{API}/{endpoint}?filename=any.fits")
    assert response.status_code == status
    validate(response.content, schemas[f"{API}/{endpoint}"][str(status)])
