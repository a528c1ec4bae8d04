"""Matching positions with products and their spectra, against astropy's separations."""

import io
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from spectraldb.errors import BadQueryError
from spectraldb.query.match import MAX_POSITIONS, parse_match
from spectraldb.service.service import Service

MATCH = "/spectra/api/v0.1/match"
EDGE = 1e-9
"""How much closer than the radius, in arcsec, a spectrum is before the two must agree on it."""


@dataclass(frozen=True)
class Spectra:
    """Where all spectra of a lake are."""

    uri: list[str]
    number: NDArray[np.int64]
    place: SkyCoord

    def around(self, place: SkyCoord, radius: u.Quantity) -> list[tuple[float, str, int]]:
        """Return separation in arcsec, URI and number of those within a radius."""
        away = self.place.separation(place)
        found = np.flatnonzero(away <= radius)
        return [(float(away[i].arcsec), self.uri[i], int(self.number[i])) for i in found]


@pytest.fixture(scope="module")
def spectra(real: Service) -> Spectra:
    uri: list[str] = []
    columns: dict[str, list[Any]] = {"spectrum": [], "ra": [], "dec": []}
    for row in real.products():
        answer = {c.name: c.read().tolist() for c in real.derived(row["uri"]).columns}
        placed = [i for i, ra in enumerate(answer["ra"]) if ra is not None and np.isfinite(ra)]
        uri += [row["uri"]] * len(placed)
        for name, values in columns.items():
            values += [answer[name][i] for i in placed]
    place = SkyCoord(columns["ra"], columns["dec"], unit="deg")
    return Spectra(uri, np.array(columns["spectrum"]), place)


@pytest.fixture(scope="module")
def places(spectra: Spectra) -> SkyCoord:
    """Give positions at and beside spectra, in no order, some of them twice, one far away."""
    rng = np.random.default_rng(3)
    some = spectra.place[rng.choice(len(spectra.place), 25)]
    beside = some.directional_offset_by(rng.uniform(0, 360, 25) * u.deg, 0.7 * u.arcsec)
    lon = np.concatenate([some.ra.deg, beside.ra.deg, some.ra.deg[:3], [200.0]])
    lat = np.concatenate([some.dec.deg, beside.dec.deg, some.dec.deg[:3], [-60.0]])
    order = rng.permutation(len(lon))
    return SkyCoord(lon[order], lat[order], unit="deg")


def body(places: SkyCoord, radius: str, **more: Any) -> dict[str, Any]:
    return {"ra": places.ra.deg.tolist(), "dec": places.dec.deg.tolist(), "radius": radius, **more}


def ask(api: TestClient, asked: dict[str, Any]) -> list[dict[str, Any]]:
    response = api.post(MATCH, json=asked)
    assert response.status_code == 200, response.text
    return list(response.json()["results"])


@pytest.mark.parametrize("radius", ["0.3arcsec", "2 arcsec", "0.05"])
def test_spectra_are_those_of_brute_force(
    real_api: TestClient, spectra: Spectra, places: SkyCoord, radius: str
) -> None:
    found = ask(real_api, body(places, radius, spectra=True))
    limit = u.Quantity(radius) if "arcsec" in radius else float(radius) * u.deg
    got = {(r["row"], r["uri"], r["spectrum"]): r["separation"] for r in found}
    for row, place in enumerate(places):
        expected = {(row, uri, n): away for away, uri, n in spectra.around(place, limit)}
        mine = {key: away for key, away in got.items() if key[0] == row}
        for key in expected.keys() ^ mine.keys():
            assert (expected | mine)[key] == pytest.approx(limit.to_value("arcsec"), abs=EDGE)
        for key in expected.keys() & mine.keys():
            assert mine[key] == pytest.approx(expected[key], abs=1e-8)
    order = [(r["row"], r["separation"]) for r in found]
    assert order == sorted(order)


def test_products_have_their_nearest_spectrum(real_api: TestClient, places: SkyCoord) -> None:
    every = ask(real_api, body(places, "2arcsec", spectra=True))
    found = ask(real_api, body(places, "2arcsec"))
    assert [(r["row"], r["separation"]) for r in found] == sorted(
        (r["row"], r["separation"]) for r in found
    )
    counts = Counter((r["row"], r["uri"]) for r in every)
    assert {(r["row"], r["uri"]): r["matchedSpectra"] for r in found} == counts
    for row in found:
        of_it = [r for r in every if (r["row"], r["uri"]) == (row["row"], row["uri"])]
        nearest = min(of_it, key=lambda r: (r["separation"], r["spectrum"]))
        assert {k: v for k, v in row.items() if k != "matchedSpectra"} == nearest


def test_types_of_products(real_api: TestClient, places: SkyCoord) -> None:
    found = ask(real_api, body(places, "2arcsec", product="s3d,X1D"))
    assert {row["productType"] for row in found} == {"s3d", "x1d"}


def test_positions_that_are_none_keep_the_order(real_api: TestClient, places: SkyCoord) -> None:
    asked = body(places[:4], "2arcsec")
    whole = ask(real_api, asked)
    asked["ra"][1:1], asked["dec"][1:1] = [None, 5.0], [1.0, None]
    moved = ask(real_api, asked)
    expected = [{**row, "row": row["row"] + 2 * (row["row"] > 0)} for row in whole]
    assert moved == expected


def test_no_positions(real_api: TestClient) -> None:
    response = real_api.post(MATCH, json={"ra": [], "dec": [], "radius": 1}).json()
    assert response["results"] == []
    assert response["message"] == "Found 0 products at 0 of 0 positions"


def test_right_ascension_goes_round(real_api: TestClient, places: SkyCoord) -> None:
    asked = body(places, "2arcsec")
    turned = {**asked, "ra": [ra - 360 for ra in asked["ra"]]}
    keys = [
        [(r["row"], r["uri"], r["spectrum"]) for r in ask(real_api, each)]
        for each in (asked, turned)
    ]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("ending", ["arrow", "csv", "votable", "fits", "parquet"])
def test_formats(real_api: TestClient, places: SkyCoord, ending: str) -> None:
    asked = body(places, "2arcsec")
    rows = ask(real_api, asked)
    content = real_api.post(f"{MATCH}.{ending}", json=asked).content
    if ending == "arrow":
        found = pa.ipc.open_stream(content).read_all().to_pylist()
        assert found == rows
        return
    form = {"csv": "ascii.csv"}.get(ending, ending)
    if ending == "parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415 - imported when it is needed

        assert pq.read_table(io.BytesIO(content)).to_pylist() == rows
        return
    table = Table.read(io.BytesIO(content), format=form)
    assert list(table["row"]) == [row["row"] for row in rows]
    assert list(table["separation"]) == [row["separation"] for row in rows]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ra": [1.0]}, "ra has 1 positions, dec has 2"),
        ({"ra": "1,2"}, "ra: a match has a list of numbers"),
        ({"ra": [1.0, "a"]}, "ra: 'a' is not a number"),
        ({"ra": [1.0, True]}, "ra: True is not a number"),
        ({"dec": [1.0, 91.0]}, "dec: a declination is from -90 to 90"),
        ({"radius": "1 Jy"}, "radius: Jy cannot be converted to deg"),
        ({"radius": 0}, "radius: 0.0 deg is not above 0"),
        ({"radius": None}, "radius: 'None' is not a number"),
        ({"product": "x2d"}, "product: 'x2d' is not of c1d"),
        ({"product": ""}, "product: '' is not of c1d"),
        ({"spectra": "yes"}, "spectra: 'yes' is neither"),
        ({"rad": 1}, "there is no 'rad' in a match: ra, dec, radius"),
        ({"ra": [0.0] * (MAX_POSITIONS + 1)}, "100,001 positions; at most 100,000 at once"),
    ],
)
def test_errors(change: dict[str, Any], told: str) -> None:
    with pytest.raises(BadQueryError, match=told.replace("(", r"\(")):
        parse_match({"ra": [1.0, 2.0], "dec": [1.0, 2.0], "radius": "1arcsec", **change})


def test_errors_of_the_endpoint(real_api: TestClient) -> None:
    assert real_api.get(MATCH).json()["message"] == "this endpoint is asked with POST"
    response = real_api.post(MATCH, json={"ra": [1], "dec": [1]})
    assert (response.status_code, response.json()["message"]) == (400, "radius: Field required")
    response = real_api.post(f"{MATCH}?limit=3", json={"ra": [1], "dec": [1], "radius": 1})
    assert "there is no parameter 'limit' here" in response.json()["message"]
