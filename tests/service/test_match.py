"""Matching of positions with products and spectra, compared with separations from astropy."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from spectraldb.service.service import Service
from tests.support.result_tables import TABLE_FORMATS, read_table

MATCH = "/spectra/api/v0.1/match"
EDGE = 1e-9
"""Margin in arcsec around the radius within which the match and astropy can disagree."""


@dataclass(frozen=True)
class Spectra:
    """Positions of all spectra of a lake."""

    uri: list[str]
    number: NDArray[np.int64]
    position: SkyCoord

    def around(self, position: SkyCoord, radius: u.Quantity) -> list[tuple[float, str, int]]:
        """Return separation in arcsec, URI and index of the spectra within a radius."""
        away = self.position.separation(position)
        found = np.flatnonzero(away <= radius)
        return [(float(away[i].arcsec), self.uri[i], int(self.number[i])) for i in found]


@pytest.fixture(scope="module")
def spectra(each_lake: Service) -> Spectra:
    uri: list[str] = []
    columns: dict[str, list[Any]] = {"spectrum": [], "ra": [], "dec": []}
    for row in each_lake.products():
        derived = {c.name: c.read().tolist() for c in each_lake.derived(str(row["uri"])).columns}
        placed = [i for i, ra in enumerate(derived["ra"]) if ra is not None and np.isfinite(ra)]
        uri += [str(row["uri"])] * len(placed)
        for name, values in columns.items():
            values += [derived[name][i] for i in placed]
    position = SkyCoord(columns["ra"], columns["dec"], unit="deg")
    return Spectra(uri, np.array(columns["spectrum"]), position)


@pytest.fixture(scope="module")
def positions(spectra: Spectra) -> SkyCoord:
    """Return unordered positions at and near spectra, with duplicates and a distant one."""
    rng = np.random.default_rng(3)
    near = spectra.position[rng.choice(len(spectra.position), 25)]
    beside = near.directional_offset_by(rng.uniform(0, 360, 25) * u.deg, 0.7 * u.arcsec)
    lon = np.concatenate([near.ra.deg, beside.ra.deg, near.ra.deg[:3], [200.0]])
    lat = np.concatenate([near.dec.deg, beside.dec.deg, near.dec.deg[:3], [-60.0]])
    order = rng.permutation(len(lon))
    return SkyCoord(lon[order], lat[order], unit="deg")


def body(positions: SkyCoord, radius: str, **more: Any) -> dict[str, Any]:
    return {
        "ra": positions.ra.deg.tolist(),
        "dec": positions.dec.deg.tolist(),
        "radius": radius,
        **more,
    }


def matches(api: TestClient, request: dict[str, Any]) -> list[dict[str, Any]]:
    response = api.post(MATCH, json=request)
    assert response.status_code == 200, response.text
    return list(response.json()["results"])


@pytest.mark.parametrize("radius", ["0.3arcsec", "2 arcsec", "0.05"])
def test_spectra_agree_with_brute_force(
    each_api: TestClient, spectra: Spectra, positions: SkyCoord, radius: str
) -> None:
    found = matches(each_api, body(positions, radius, spectra=True))
    limit = u.Quantity(radius) if "arcsec" in radius else float(radius) * u.deg
    got = {(r["row"], r["uri"], r["spectrum"]): r["separation"] for r in found}
    for row, position in enumerate(positions):
        expected = {(row, uri, n): away for away, uri, n in spectra.around(position, limit)}
        mine = {key: away for key, away in got.items() if key[0] == row}
        for key in expected.keys() ^ mine.keys():
            assert (expected | mine)[key] == pytest.approx(limit.to_value("arcsec"), abs=EDGE)
        for key in expected.keys() & mine.keys():
            assert mine[key] == pytest.approx(expected[key], abs=1e-8)
    order = [(r["row"], r["separation"]) for r in found]
    assert order == sorted(order)


def test_products_have_their_nearest_spectrum(each_api: TestClient, positions: SkyCoord) -> None:
    every = matches(each_api, body(positions, "2arcsec", spectra=True))
    found = matches(each_api, body(positions, "2arcsec"))
    assert [(r["row"], r["separation"]) for r in found] == sorted(
        (r["row"], r["separation"]) for r in found
    )
    counts = Counter((r["row"], r["uri"]) for r in every)
    assert {(r["row"], r["uri"]): r["matchedSpectra"] for r in found} == counts
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in every:
        groups.setdefault((row["row"], row["uri"]), []).append(row)
    for row in found:
        group = groups[row["row"], row["uri"]]
        nearest = min(group, key=lambda r: (r["separation"], r["spectrum"]))
        assert {k: v for k, v in row.items() if k != "matchedSpectra"} == nearest


def test_types_of_products(each_api: TestClient, positions: SkyCoord) -> None:
    found = matches(each_api, body(positions, "2arcsec", product="s3d,X1D"))
    assert {row["productType"] for row in found} == {"s3d", "x1d"}


def test_null_positions_have_no_matches(each_api: TestClient, positions: SkyCoord) -> None:
    request = body(positions[:4], "2arcsec")
    whole = matches(each_api, request)
    request["ra"][1:1], request["dec"][1:1] = [None, 5.0], [1.0, None]
    moved = matches(each_api, request)
    expected = [{**row, "row": row["row"] + 2 * (row["row"] > 0)} for row in whole]
    assert moved == expected


def test_no_positions(each_api: TestClient) -> None:
    response = each_api.post(MATCH, json={"ra": [], "dec": [], "radius": 1}).json()
    assert response["results"] == []
    assert response["message"] == "Found 0 products at 0 of 0 positions."


def test_right_ascension_is_periodic(each_api: TestClient, positions: SkyCoord) -> None:
    request = body(positions, "2arcsec")
    shifted = {**request, "ra": [ra - 360 for ra in request["ra"]]}
    keys = [
        [(r["row"], r["uri"], r["spectrum"]) for r in matches(each_api, each)]
        for each in (request, shifted)
    ]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("ending", TABLE_FORMATS)
def test_formats(each_api: TestClient, positions: SkyCoord, ending: str) -> None:
    request = body(positions, "2arcsec")
    rows = matches(each_api, request)
    content = each_api.post(f"{MATCH}.{ending}", json=request).content
    assert read_table(ending, content).to_pylist() == rows != []


def test_errors_of_the_endpoint(each_api: TestClient) -> None:
    assert (
        each_api.get(MATCH).json()["message"] == "Method not allowed. This endpoint accepts POST."
    )
    response = each_api.post(MATCH, json={"ra": [1], "dec": [1]})
    assert (response.status_code, response.json()["message"]) == (
        400,
        "radius: The value is missing.",
    )
    response = each_api.post(f"{MATCH}?limit=3", json={"ra": [1], "dec": [1], "radius": 1})
    assert "Unknown parameter 'limit'" in response.json()["message"]


@pytest.mark.parametrize(
    ("content", "headers", "message"),
    [
        (b"{", {}, "The body is not valid JSON."),
        (b"[1]", {}, "The body must be a JSON object, with the header"),
        (b'{"ra": [1]}', {"Content-Type": "text/plain"}, "The body must be a JSON object"),
        (b"{}", {}, "ra: The value is missing. dec: The value is missing."),
    ],
)
def test_bodies_that_are_not_read(
    each_api: TestClient, content: bytes, headers: dict[str, str], message: str
) -> None:
    headers = {"Content-Type": "application/json"} | headers
    response = each_api.post(MATCH, content=content, headers=headers)
    assert response.status_code == 400
    assert response.json()["message"].startswith(message)
