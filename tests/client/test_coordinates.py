"""Positions from all kinds of tables."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table

from spectraldb.client.coordinates import read_positions
from spectraldb.errors import BadQueryError

POSITIONS = SkyCoord([10.0, 345.62, 200.0], [-20.0, 8.91, -60.0], unit="deg")
RA, DEC = POSITIONS.ra.deg, POSITIONS.dec.deg


@pytest.mark.parametrize(
    "table",
    [
        POSITIONS,
        Table({"name": np.arange(3), "RA": RA, "DEC": DEC}),
        Table({"_RAJ2000": RA, "_DEJ2000": DEC}),
        QTable({"ra": POSITIONS.ra.to(u.rad), "dec": POSITIONS.dec.to(u.arcmin)}),
        QTable({"position": POSITIONS.galactic}),
        pd.DataFrame({"s_ra": RA, "s_dec": DEC}),
    ],
    ids=["skycoord", "table", "vizier", "qtable", "mixin", "pandas"],
)
def test_any_table(table: Any) -> None:
    ra, dec = read_positions(table, None, None)
    assert ra == pytest.approx(RA)
    assert dec == pytest.approx(DEC)


def test_other_column_names() -> None:
    table = Table({"lon": RA, "lat": DEC})
    with pytest.raises(BadQueryError, match="Specify their names, as in ra='RAdeg'"):
        read_positions(table, None, None)
    with pytest.raises(BadQueryError, match=r"No column 'long'\. Columns: lon, lat"):
        read_positions(table, "long", "lat")
    assert read_positions(table, "lon", "lat") == (RA.tolist(), DEC.tolist())


def test_masked_and_undefined_positions() -> None:
    table = Table({"ra": MaskedColumn(RA, mask=[True, False, False]), "dec": [1.0, 2.0, np.nan]})
    assert read_positions(table, None, None) == ([None, *RA[1:]], [1.0, 2.0, None])
