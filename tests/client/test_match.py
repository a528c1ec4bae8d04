"""Matching tables of any kind."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table

from spectraldb import SpectralDB
from spectraldb.client import db as client
from spectraldb.errors import BadQueryError
from spectraldb.query.match import parse_match
from spectraldb.service.service import Service


@pytest.fixture(scope="module")
def places(real: Service) -> SkyCoord:
    """Give the positions of all products' targets, in no order, and one far away."""
    rows = [row for row in real.products() if row["targetRA"] is not None]
    order = np.random.default_rng(1).permutation(len(rows))
    lon = [rows[i]["targetRA"] for i in order]
    lat = [rows[i]["targetDec"] for i in order]
    return SkyCoord([*lon, 200.0], [*lat, -60.0], unit="deg")


def tables(places: SkyCoord) -> dict[str, Any]:
    ra, dec = places.ra.deg, places.dec.deg
    return {
        "skycoord": places,
        "table": Table({"name": np.arange(len(ra)), "RA": ra, "DEC": dec}),
        "qtable": QTable({"ra": places.ra.to(u.rad), "dec": places.dec.to(u.arcmin)}),
        "mixin": QTable({"place": places.galactic}),
        "pandas": pd.DataFrame({"s_ra": ra, "s_dec": dec}),
    }


@pytest.mark.parametrize("kind", ["skycoord", "table", "qtable", "mixin", "pandas"])
def test_any_table(db: SpectralDB, real: Service, places: SkyCoord, kind: str) -> None:
    found = db.match(tables(places)[kind], 2 * u.arcsec)
    asked = {"ra": places.ra.deg.tolist(), "dec": places.dec.deg.tolist(), "radius": "2arcsec"}
    expected = real.match(parse_match(asked)).rows
    assert len(found) > len(places) - 2
    for name in ("row", "uri", "spectrum", "matchedSpectra"):
        assert found[name].tolist() == expected[name].to_pylist()
    assert found["separation"].unit == u.arcsec
    assert found["row"].tolist() == sorted(found["row"])


def test_other_names(db: SpectralDB, places: SkyCoord) -> None:
    table = Table({"lon": places.ra.deg, "lat": places.dec.deg})
    with pytest.raises(BadQueryError, match="say which they are, as in ra='RAdeg'"):
        db.match(table, "2arcsec")
    with pytest.raises(BadQueryError, match="has no column 'long'; it has lon, lat"):
        db.match(table, "2arcsec", ra="long", dec="lat")
    found = db.match(table, "2arcsec", ra="lon", dec="lat", product=["x1d", "s3d"], spectra=True)
    assert set(found["productType"]) == {"x1d", "s3d"}
    assert "matchedSpectra" not in found.colnames


def test_masked_positions(db: SpectralDB, places: SkyCoord) -> None:
    mask = [True, *[False] * (len(places) - 1)]
    table = Table({"ra": MaskedColumn(places.ra.deg, mask=mask), "dec": places.dec.deg})
    assert 0 not in db.match(table, 2 * u.arcsec)["row"]


def test_more_than_go_into_one_request(
    db: SpectralDB, places: SkyCoord, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = db.match(places, 2 * u.arcsec)
    monkeypatch.setattr(client, "POSITIONS_PER_REQUEST", 3)
    parts = db.match(places, 2 * u.arcsec)
    assert parts["row"].tolist() == whole["row"].tolist()
    assert parts["uri"].tolist() == whole["uri"].tolist()


def test_no_positions(db: SpectralDB) -> None:
    assert len(db.match(SkyCoord([], [], unit="deg"), 1 * u.arcsec)) == 0
