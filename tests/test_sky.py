"""Separations and cones in numpy and in SQL, compared with astropy."""

from typing import Any

import duckdb
import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spectraldb.sky import Cone, separation, separation_sql

RA = st.floats(0, 360)
DEC = st.floats(-90, 90)
POSITIONS = st.integers(1, 8).flatmap(
    lambda n: st.tuples(*(hnp.arrays("f8", n, elements=one) for one in (RA, DEC, RA, DEC)))
)
EXACT = 1e-12
"""Degrees; near 180 degrees a haversine loses half of its digits."""


def astropy_separation(ra: Any, dec: Any, other_ra: Any, other_dec: Any) -> Any:
    first, second = (SkyCoord(a, d, unit="deg") for a, d in ((ra, dec), (other_ra, other_dec)))
    return first.separation(second).to_value(u.deg)


def tolerance(expected: Any) -> Any:
    return EXACT + 5e-13 / np.maximum(np.cos(np.radians(expected) / 2), 1e-7)


@given(POSITIONS)
@settings(deadline=None)  # the first example loads astropy or DuckDB
def test_separation_agrees_with_astropy(positions: Any) -> None:
    expected = astropy_separation(*positions)
    assert np.all(np.abs(separation(*positions) - expected) <= tolerance(expected))


@given(RA, st.floats(-89, 89), st.floats(0, 360), st.floats(1e-9, 10))
@settings(deadline=None)  # the first example loads astropy or DuckDB
def test_small_offsets_are_precise(ra: float, dec: float, angle: float, arcsec: float) -> None:
    centre = SkyCoord(ra, dec, unit="deg")
    other = centre.directional_offset_by(angle * u.deg, arcsec * u.arcsec)
    found = float(separation(ra, dec, other.ra.deg, other.dec.deg)) * 3600
    assert found == pytest.approx(arcsec, rel=1e-6, abs=1e-9)


@given(POSITIONS)
@settings(deadline=None)  # the first example loads astropy or DuckDB
def test_sql_agrees_with_numpy(positions: Any) -> None:
    ra, dec, other_ra, other_dec = (column.tolist() for column in positions)
    query = f"""
        select {separation_sql("p.ra", "p.dec")}
        from (select unnest($1) as ra, unnest($2) as dec) p positional join
            (select unnest($3) as ra, unnest($4) as dec) c
    """
    with duckdb.connect() as connection:
        rows = connection.execute(query, [ra, dec, other_ra, other_dec]).fetchall()
    expected = separation(*positions)
    assert np.all(np.abs(np.array(rows)[:, 0] - expected) <= tolerance(expected))


def test_separation_broadcasts() -> None:
    ra, dec = np.meshgrid([10.0, 11.0, 12.0], [0.0, 5.0])
    assert separation(10.0, 0.0, ra, dec).shape == (2, 3)
    assert separation(10.0, 0.0, 10.0, 5.0) == pytest.approx(5.0)


def test_a_cone_contains_its_edge_but_not_nan() -> None:
    cone = Cone(ra=10.0, dec=0.0, radius=1.0)
    ra, dec = np.array([10.0, 10.0, 10.0, np.nan]), np.array([0.0, 1.0, 1.001, 0.0])
    assert cone.contains(ra, dec).tolist() == [True, True, False, False]
    np.testing.assert_allclose(cone.separation(ra, dec), [0.0, 1.0, 1.001, np.nan])


def test_a_cone_crosses_the_meridian_and_the_pole() -> None:
    assert Cone(359.9, 0.0, 0.3).contains(0.1, 0.0)
    assert Cone(10.0, 89.9, 0.3).contains(190.0, 89.9)
    assert not Cone(10.0, 89.9, 0.1).contains(190.0, 89.9)
