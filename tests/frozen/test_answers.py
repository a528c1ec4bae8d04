"""Keys of JSON responses, error statuses, and names of columns, metrics and settings."""

import json
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from platformdirs import user_cache_path, user_data_path
from prometheus_client.parser import text_string_to_metric_families

from tests.frozen.adapter import Settings
from tests.frozen.commands import run
from tests.frozen.recorded import check, shape

API = "/spectra/api/v0.1/"
X1D = "jw99008-o001_t001-s000000001_nirspec_f100lp-g140m-s1600a1_x1d.fits"
S2D = "jw99004-o001_t001_miri_p750l_s2d.fits"
S3D = "jw99003-o001_t001_miri_ch1-short_s3d.fits"
C1D = "jw99005-o001_t001_niriss_f115w-gr150c_c1d.fits"
POSITIONS = {"ra": [345.62, None], "dec": [8.91, None], "radius": "2arcsec"}

URLS = (
    "search?product=all&limit=1",
    "search?good=true&limit=100000",
    "search?flux.gt=1e30",
    "search?group=True&flux.gt=0",
    "search/products",
    "search/count?flux.gt=0",
    "search/sql?flux.gt=0",
    "search/columns",
    "lines",
    "holdings",
    f"retrieve?filename={X1D}",
    f"retrieve?filename={C1D}",
    f"retrieve?filename={S2D}",
    f"retrieve?filename={S3D}&x=3,4&y=3,4&z=0,1",
    f"retrieve?filename={S3D}&bin=x,y",
    f"retrieve?filename={X1D}&columns=flux&wavelength=1.1,1.2",
    f"retrieve/derived?filename={X1D}",
    "/health",
    "/ready",
)
REFUSED = (
    "search?derSNR.gt=5",
    "search?flux.over=5",
    "search?flux=",
    "search?flux=a",
    "search?limit=0",
    "search?limit=100001",
    "search?after=nonsense",
    "search?version=99999",
    "search?ra=1&dec=2&radius=x",
    "search?flux.gt=1furlongs",
    "search?wavelength.gt=1Jy",
    "search?sort_by=nosuch",
    "search?columns=nosuch",
    "search?format=nosuch",
    "search.nosuch",
    "search/products?flux.gt=1",
    "search/columns?a=1",
    "retrieve",
    "retrieve?filename=nosuch.fits",
    f"retrieve?filename={X1D}&spectrum=99",
    f"retrieve?filename={X1D}&wavelength=90,99",
    "retrieve/derived?uri=mast:nosuch",
    "retrieve/file?filename=nosuch.fits",
    "match",
    "nosuch",
    "/nosuch",
    "/health?a=1",
)
COMMANDS = (
    "search --limit 1",
    "products",
    "products instrument=MIRI",
    "info",
    f"retrieve {X1D}",
    f"retrieve {X1D} --derived",
)


def test_keys_of_answers(api: TestClient) -> None:
    found = {}
    for url in URLS:
        response = api.get(_full(url))
        assert response.status_code == 200, url
        found[url] = shape(response.json())
    for spectra in (False, True):
        body = POSITIONS | {"spectra": spectra}
        found[f"match {json.dumps(body)}"] = shape(api.post(_full("match"), json=body).json())
    check("answers", found)


def test_keys_of_commands(lake: Path) -> None:
    found = {}
    for command in COMMANDS:
        arguments = (*command.split(), "--format", "json", "--lake", str(lake))
        found[command] = shape(json.loads(run(*arguments).stdout))
    check("command_answers", found)


def test_headers_of_tables(lake: Path) -> None:
    """The header of each kind of CSV."""
    found = {}
    for command in (*COMMANDS, f"retrieve {S3D}", f"retrieve {S2D}"):
        arguments = (*command.split(), "--format", "csv", "--lake", str(lake))
        found[command] = run(*arguments).stdout.split("\n", 1)[0]
    check("csv_headers", found)


def test_errors(api: TestClient) -> None:
    responses = {url: api.get(_full(url)) for url in REFUSED}
    bodies: tuple[dict[str, Any], ...] = ({}, POSITIONS | {"a": 1}, POSITIONS | {"radius": "x"})
    for body in bodies:
        responses[f"match {json.dumps(body)}"] = api.post(_full("match"), json=body)
    check("errors", {url: [r.status_code, shape(r.json())] for url, r in responses.items()})


def test_columns(api: TestClient) -> None:
    schema = api.get(_full("search/columns")).json()
    prose = ("description", "example")
    check(
        "columns",
        {
            kind: [{k: v for k, v in each.items() if k not in prose} for each in schema[kind]]
            for kind in ("columns", "operators")
        },
    )


def test_metrics(api: TestClient) -> None:
    api.get(_full("search?limit=1"))
    families = [
        family
        for family in text_string_to_metric_families(api.get("/metrics").text)
        if family.name.startswith("spectraldb_") and not family.name.endswith("_created")
    ]
    check(
        "metrics",
        {
            family.name: {
                "type": family.type,
                "samples": sorted({sample.name for sample in family.samples}),
                "labels": sorted({label for sample in family.samples for label in sample.labels}),
            }
            for family in families
        },
    )


def test_settings() -> None:
    prefix = Settings.model_config["env_prefix"]
    check(
        "settings",
        {
            f"{prefix}{name}".upper(): _default(field.get_default(call_default_factory=True))
            for name, field in Settings.model_fields.items()
        },
    )


def _default(value: object) -> object:
    """Return a default; replace folders of the user by placeholders."""
    if not isinstance(value, Path):
        return value
    folders = {"DATA": user_data_path("spectraldb"), "CACHE": user_cache_path("spectraldb")}
    for name, folder in folders.items():
        if value.is_relative_to(folder):
            return str(Path(name) / value.relative_to(folder))
    return str(value)


def _full(url: str) -> str:
    return url if url.startswith("/") else API + url
