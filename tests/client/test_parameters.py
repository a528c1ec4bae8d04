"""Python values as parameters of the API."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from astropy import units as u
from astropy.coordinates import Angle, SkyCoord
from astropy.table import QTable, Table
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.client.parameters import product_names, request_parameters
from spectraldb.errors import BadQueryError
from spectraldb.query.parse import parse_pixels
from spectraldb.settings import Settings


@pytest.mark.parametrize(
    ("conditions", "pairs"),
    [
        ({"wavelength": (1.2, 1.3) * u.um}, [("wavelength", "1.2,1.3 um")]),
        ({"wavelength": (1.2 * u.um, 1300 * u.nm)}, [("wavelength", "1.2,1.3 um")]),
        ({"wavelength": [1.2, 1.3]}, [("wavelength", "1.2,1.3")]),
        ({"wavelength": np.array([1.2, 1.3])}, [("wavelength", "1.2,1.3")]),
        ({"flux__gte": 3 * u.mJy}, [("flux.gte", "3.0 mJy")]),
        ({"flux__gte": 10 * u.MJy / u.sr}, [("flux.gte", "10.0 MJy / sr")]),
        ({"snr__gt": 3 * u.dimensionless_unscaled}, [("snr.gt", "3.0")]),
        ({"derSnr__gt": np.float32(5)}, [("derSnr.gt", "5.0")]),
        ({"sourceId": np.int64(7)}, [("sourceId", "7")]),
        ({"good": True}, [("good", "true")]),
        ({"good": np.array(["no"]) == "yes"}, [("good", "false")]),
        ({"product": ["x1d", "s3d"]}, [("product", "x1d,s3d")]),
        ({"columns": ("ra", "dec")}, [("columns", "ra,dec")]),
        ({"targetName": ["a,b", 'c"d']}, [("targetName", '"a,b",c"d')]),
        ({"dateObs__gte": Time("2023-01-02")}, [("dateObs.gte", "2023-01-02T00:00:00.000")]),
        ({"dateObs__gte": dt.date(2023, 1, 2)}, [("dateObs.gte", "2023-01-02")]),
        (
            {"position": SkyCoord(10, -5, unit="deg"), "radius": Angle("5arcsec")},
            [("ra", "10.0"), ("dec", "-5.0"), ("radius", "5.0 arcsec")],
        ),
        ({"x": (3, 8), "spectrum": 0}, [("x", "3,8"), ("spectrum", "0")]),
    ],
)
def test_values(conditions: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
    assert request_parameters(None, conditions) == pairs


@pytest.mark.parametrize(
    "query",
    [
        "wavelength=1.2,1.3&flux.gte=3+mJy",
        "?wavelength=1.2,1.3&flux.gte=3%20mJy",
        "http://host:8000/spectra/api/v0.1/search?wavelength=1.2,1.3&flux.gte=3 mJy",
    ],
)
def test_query_of_a_url(query: str) -> None:
    expected = [("wavelength", "1.2,1.3"), ("flux.gte", "3 mJy"), ("limit", "5")]
    assert request_parameters(query, {"limit": 5}) == expected


def test_positions_of_other_frames_become_icrs() -> None:
    position = SkyCoord(120 * u.deg, 30 * u.deg, frame="galactic")
    ra, dec = (float(text) for _, text in request_parameters(None, {"position": position}))
    assert SkyCoord(ra, dec, unit="deg").separation(position.icrs).arcsec < 1e-9


@pytest.mark.parametrize(
    ("query", "conditions", "message"),
    [
        (None, {"flux": None}, "search for missing values with flux__isnull=True"),
        (None, {"fluxErr__gt": None}, "with fluxErr__isnull=True"),
        (None, {"product": []}, "product: The list is empty"),
        (None, {"position": SkyCoord([1, 2], [3, 4], unit="deg")}, "For several positions, use"),
        (None, {"position": "10 20"}, "is not a single SkyCoord"),
        ("wavelength", {}, "query: 'wavelength' is not a list of conditions"),
    ],
)
def test_errors(query: str | None, conditions: dict[str, Any], message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        request_parameters(query, conditions)


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_numbers_are_exact(number: float) -> None:
    pairs = request_parameters(None, {"flux__gte": number, "wavelength__lt": number * u.um})
    conditions = parse_pixels(pairs, Settings()).conditions
    assert [condition.values[0] for condition in conditions] == [number, number]


URI, OTHER = "local:a/x1d.fits", "local:b/x1d.fits"
ROWS = [{"uri": URI, "fileName": "x1d.fits"}, {"uri": OTHER, "fileName": "x1d.fits"}]


def tables() -> list[Any]:
    """Return the same two products in the forms that a user may have."""
    return [
        ROWS,
        [URI, OTHER],
        (each for each in [URI, OTHER]),
        np.array([URI, OTHER]),
        Table(rows=ROWS),
        QTable(rows=ROWS)["uri"],
        list(Table(rows=ROWS)),
        pd.DataFrame(ROWS),
        pd.DataFrame(ROWS)["uri"],
        [row for _, row in pd.DataFrame(ROWS).iterrows()],
        pl.DataFrame(ROWS),
        pa.Table.from_pylist(ROWS),
    ]


@pytest.mark.parametrize("index", range(12))
def test_products_of_a_table(index: int) -> None:
    assert product_names(tables()[index]) == [URI, OTHER]


def test_product_of_a_row() -> None:
    table = Table(rows=ROWS)
    for row in (URI, np.str_(URI), ROWS[0], table[0]):
        name = product_names(row)
        assert name == URI
        assert type(name) is str
    assert product_names({"fileName": "x1d.fits", "flux": 1.0}) == "x1d.fits"


def test_row_that_names_no_product() -> None:
    with pytest.raises(BadQueryError, match="neither uri nor fileName"):
        product_names({"flux": 1.0})
    with pytest.raises(BadQueryError, match="neither uri nor fileName"):
        product_names(3)
