"""The SQL of a match, compared with separations from astropy on small tables."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.query.match import Match

EDGE = 1e-9
"""Margin in arcsec around the radius within which the SQL and astropy can disagree."""

Row = dict[str, Any]
Spectra = list[tuple[int, tuple[float, float] | None]]
"""Product and position of each spectrum."""

# Many positions are within the radius of each other: across 0 h, and around a pole.
POSITIONS = st.tuples(
    st.sampled_from([359.9999, 0.0, 0.0001, 180.0]) | st.floats(0, 0.001),
    st.sampled_from([90.0, 89.9999, -0.0001, 0.0]) | st.floats(-0.001, 0.001),
)
SPECTRA = st.lists(st.tuples(st.integers(0, 3), st.none() | POSITIONS), max_size=12)
REQUESTED = st.lists(st.tuples(st.none() | st.floats(-720, 720), st.none()) | POSITIONS, max_size=5)


def run(connection: DuckDBPyConnection, match: Match, spectra: Spectra) -> list[Row]:
    """Run a match on spectra, and return its rows."""
    products = pa.table(
        {
            "productId": range(4),
            **{
                name: [f"{name} {i}" for i in range(4)]
                for name in ("uri", "fileName", "productType", "targetName", "instrument")
            },
        }
    )
    numbers = list(range(len(spectra)))
    characteristics = pa.table(
        {
            "productId": pa.array([product for product, _ in spectra], pa.int64()),
            "spectrum": pa.array(numbers, pa.int32()),
            "sourceId": pa.array(numbers, pa.int64()),
            "ra": pa.array([p[0] if p else None for _, p in spectra], pa.float64()),
            "dec": pa.array([p[1] if p else None for _, p in spectra], pa.float64()),
            "derSnr": pa.array([0.0] * len(spectra), pa.float64()),
        }
    )
    with connection.cursor() as cursor:
        cursor.register("DataProduct", products)
        cursor.register("SpectralCharacteristics", characteristics)
        rows = cursor.sql(match.sql, params=match.parameters).to_arrow_table().to_pylist()
    return [row for row in rows if row["row"] is not None]


def separations(match: Match, spectra: Spectra) -> dict[tuple[int, int], float]:
    """Return the separations of all positions and spectra from astropy, in arcsec."""
    requested = [
        (i, p) for i, p in enumerate(zip(match.ra, match.dec, strict=True)) if None not in p
    ]
    placed = [(i, p) for i, (_, p) in enumerate(spectra) if p is not None]
    if not requested or not placed:
        return {}
    here, there = (
        SkyCoord([p[0] for _, p in each] * u.deg, [p[1] for _, p in each] * u.deg)
        for each in (requested, placed)
    )
    angles = here[:, np.newaxis].separation(there[np.newaxis]).arcsec
    return {
        (requested[i][0], placed[j][0]): float(angle) for (i, j), angle in np.ndenumerate(angles)
    }


@settings(max_examples=50)
@given(spectra=SPECTRA, requested=REQUESTED, radius=st.sampled_from([1e-4, 0.3, 180.0]))
def test_spectra_are_those_within_the_radius(
    duckdb_connection: DuckDBPyConnection,
    spectra: Spectra,
    requested: list[tuple[float | None, float | None]],
    radius: float,
) -> None:
    match = Match([ra for ra, _ in requested], [dec for _, dec in requested], radius, spectra=True)
    rows = run(duckdb_connection, match, spectra)
    found = {(row["row"], row["spectrum"]): row["separation"] for row in rows}
    expected = separations(match, spectra)
    assert len(found) == len(rows)
    assert found.keys() <= expected.keys()
    for key, angle in expected.items():
        if abs(angle - radius * 3600) > EDGE:
            assert (key in found) is (angle < radius * 3600)
        if key in found:
            assert found[key] == pytest.approx(angle, rel=1e-9, abs=1e-8)
    order = [(row["row"], row["separation"], row["productId"], row["spectrum"]) for row in rows]
    assert order == sorted(order)


@settings(max_examples=50)
@given(spectra=SPECTRA, requested=st.lists(POSITIONS, max_size=4))
def test_products_have_their_nearest_spectrum(
    duckdb_connection: DuckDBPyConnection, spectra: Spectra, requested: list[tuple[float, float]]
) -> None:
    ra: list[float | None] = [ra for ra, _ in requested]
    dec: list[float | None] = [dec for _, dec in requested]
    every = run(duckdb_connection, Match(ra, dec, 0.3, spectra=True), spectra)
    groups: dict[tuple[int, int], list[Row]] = {}
    for row in every:
        groups.setdefault((row["row"], row["productId"]), []).append(row)
    nearest = {
        key: min(rows, key=lambda row: (row["separation"], row["spectrum"]))
        for key, rows in groups.items()
    }
    found = run(duckdb_connection, Match(ra, dec, 0.3), spectra)
    assert {(row["row"], row["productId"]): row["matchedSpectra"] for row in found} == {
        key: len(rows) for key, rows in groups.items()
    }
    for row in found:
        expected = nearest[row["row"], row["productId"]]
        assert {name: row[name] for name in expected} == expected
