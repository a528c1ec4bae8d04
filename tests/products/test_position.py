"""Tests of positions from headers, and of their order of preference."""

import pytest

from spectraldb.fits.header import Header
from spectraldb.products.position import Position, header_position, is_position

TARGET = {"TARG_RA": 10.0, "TARG_DEC": -20.0}
APERTURE = {"SLIT_RA": 3.0, "SLIT_DEC": 4.0}
SOURCE = {"SRCRA": -1.0, "SRCDEC": 5.0}


@pytest.mark.parametrize(
    ("science", "primary", "expected"),
    [
        ({}, {}, Position(None, None, None)),
        ({}, TARGET, Position(10.0, -20.0, "target")),
        (APERTURE, TARGET, Position(3.0, 4.0, "aperture")),
        (APERTURE | SOURCE, TARGET, Position(359.0, 5.0, "source")),
        ({}, TARGET | SOURCE, Position(359.0, 5.0, "source")),
        ({"SRCRA": 0.0, "SRCDEC": 0.0}, TARGET, Position(10.0, -20.0, "target")),
        ({"SRCRA": float("nan"), "SRCDEC": 5.0}, APERTURE, Position(3.0, 4.0, "aperture")),
        ({"SRCRA": 1.0}, APERTURE, Position(3.0, 4.0, "aperture")),
        ({"TARG_RA": "10", "TARG_DEC": None}, {}, Position(None, None, None)),
    ],
)
def test_best_position_in_the_headers(science: Header, primary: Header, expected: Position) -> None:
    assert header_position(science, primary) == expected


@pytest.mark.parametrize(
    ("ra", "dec", "expected"),
    [(1, 2.0, True), (0, 1, True), (0, 0, False), (float("inf"), 1, False), ("1", 2, False)],
)
def test_is_position(ra: object, dec: object, expected: bool) -> None:
    assert is_position(ra, dec) is expected
