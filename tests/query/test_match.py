"""The body of a match: invalid values are rejected with a clear message."""

from typing import Any

import pytest

from spectraldb.errors import BadQueryError
from spectraldb.query.match import MAX_POSITIONS, parse_match
from spectraldb.schema.tables import PRODUCT_TYPES

BODY = {"ra": [1.0, 2.0], "dec": [1.0, 2.0], "radius": "1arcsec"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ra": [1.0]}, "ra: The lists ra and dec have different lengths, 1 and 2"),
        ({"ra": "1,2"}, "ra: A match takes a list of numbers"),
        ({"ra": [1.0, "a"]}, "ra: 'a' is not a number"),
        ({"ra": [1.0, True]}, "ra: True is not a number"),
        ({"dec": [1.0, 91.0]}, "dec: All declinations must be between -90 and 90"),
        ({"radius": "1 Jy"}, "radius: Jy cannot be converted to deg"),
        ({"radius": 0}, "radius: Must be above 0 and at most 180 deg, but is 0.0 deg."),
        ({"radius": None}, "radius: 'None' is not a number"),
        ({"product": "x2d"}, "product: Unknown product type 'x2d'"),
        ({"product": ""}, "product: Unknown product type ''"),
        ({"spectra": "yes"}, "spectra: 'yes' is neither"),
        ({"rad": 1}, "Unknown parameter 'rad'. Parameters of a match: ra, dec, radius"),
        ({"ra": [0.0] * (MAX_POSITIONS + 1)}, "100,001 positions exceed the limit of 100,000"),
    ],
)
def test_errors(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadQueryError, match=message.replace("(", r"\(")):
        parse_match({**BODY, **change})


def test_defaults() -> None:
    match = parse_match(BODY)
    assert (match.ra, match.dec) == ([1.0, 2.0], [1.0, 2.0])
    assert match.radius == pytest.approx(1 / 3600, rel=1e-15)
    assert match.product_types == PRODUCT_TYPES
    assert not match.spectra
    assert "matchedSpectra" in match.columns
    assert "matchedSpectra" not in parse_match({**BODY, "spectra": True}).columns


def test_invalid_positions_are_null() -> None:
    match = parse_match({**BODY, "ra": [None, float("nan")], "dec": [1, float("inf")]})
    assert match.ra == [None, None]
    assert match.dec == [1.0, None]
