"""Matches of tables, columns and holdings."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, Table

from spectraldb import SpectralDB
from spectraldb.client import db as module
from spectraldb.query.match import parse_match
from spectraldb.service.service import Service


@pytest.fixture(scope="module")
def positions(samples: Service) -> SkyCoord:
    """Return the positions of the targets of all products in random order, and one far away."""
    records = [r for r in samples.products() if r["targetRA"] is not None]
    order = np.random.default_rng(1).permutation(len(records))
    ra = [records[i]["targetRA"] for i in order]
    dec = [records[i]["targetDec"] for i in order]
    return SkyCoord([*ra, 200.0], [*dec, -60.0], unit="deg")


def test_match_is_that_of_the_service(
    db: SpectralDB, samples: Service, positions: SkyCoord
) -> None:
    found = db.match(positions, 2 * u.arcsec)
    ra, dec = positions.ra.deg.tolist(), positions.dec.deg.tolist()
    expected = samples.match(parse_match({"ra": ra, "dec": dec, "radius": "2arcsec"})).rows
    assert len(found) > len(positions) - 2
    for name in ("row", "uri", "spectrum", "matchedSpectra"):
        assert found[name].tolist() == expected[name].to_pylist()
    assert found["separation"].unit == u.arcsec
    assert found["row"].tolist() == sorted(found["row"])


def test_match_of_spectra(db: SpectralDB, positions: SkyCoord) -> None:
    table = Table({"lon": positions.ra.deg, "lat": positions.dec.deg})
    found = db.match(table, "2arcsec", ra="lon", dec="lat", product=["x1d", "s3d"], spectra=True)
    assert set(found["productType"]) == {"x1d", "s3d"}
    assert "matchedSpectra" not in found.colnames


def test_masked_position_has_no_match(db: SpectralDB, positions: SkyCoord) -> None:
    mask = [True, *[False] * (len(positions) - 1)]
    table = Table({"ra": MaskedColumn(positions.ra.deg, mask=mask), "dec": positions.dec.deg})
    assert 0 not in db.match(table, 2 * u.arcsec)["row"]


def test_match_in_several_requests(
    db: SpectralDB, positions: SkyCoord, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = db.match(positions, 2 * u.arcsec)
    monkeypatch.setattr(module, "POSITIONS_PER_REQUEST", 3)
    parts = db.match(positions, 2 * u.arcsec)
    assert parts["row"].tolist() == whole["row"].tolist()
    assert parts["uri"].tolist() == whole["uri"].tolist()


def test_match_of_no_positions(db: SpectralDB) -> None:
    assert len(db.match(SkyCoord([], [], unit="deg"), 1 * u.arcsec)) == 0


def test_columns_and_holdings(db: SpectralDB, samples: Service) -> None:
    columns = db.columns()
    assert "um" in columns[columns["name"] == "wavelength"]["units"]
    assert db.holdings["products"] == len(samples.products())
