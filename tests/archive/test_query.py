"""Queries that are rejected before a request to the archive."""

from typing import Any

import pytest

from spectraldb.archive.query import ArchiveQuery, parse_uris
from spectraldb.errors import BadQueryError
from tests.support.archive_server import PREFIX

X1D = "jw99003-o001_t001_miri_ch1-short_x1d.fits"


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({}, "Specify what to fetch"),
        ({"programs": ("99003",), "product_types": frozenset({"x2d"})}, "but is 'x2d'"),
        ({"programs": ("99003",), "product_types": frozenset()}, "Must be one of c1d"),
    ],
)
def test_incomplete_and_wrong_criteria(criteria: dict[str, Any], message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        ArchiveQuery(**criteria).check()


def test_radius_that_is_not_an_angle() -> None:
    with pytest.raises(BadQueryError, match="'far' is not an angle"):
        ArchiveQuery(position="10 20", radius="far").criteria()


@pytest.mark.parametrize(
    ("position", "expected"),
    [("10 20", (10.0, 20.0)), ("00:40:00 +20:00:00", (10.0, 20.0)), ("0h40m0s 20d", (10.0, 20.0))],
)
def test_coordinates(position: str, expected: tuple[float, float]) -> None:
    coordinates = ArchiveQuery(position=position).criteria()["coordinates"]
    assert (coordinates.ra.deg, coordinates.dec.deg) == pytest.approx(expected)


def test_other_positions_are_names_of_objects() -> None:
    assert ArchiveQuery(position="NGC 7469").criteria()["objectname"] == "NGC 7469"


def test_uris_and_file_names() -> None:
    assert parse_uris([X1D, PREFIX + X1D]) == (PREFIX + X1D,)


@pytest.mark.parametrize("name", ["nonsense.fits", f"{X1D}.gz"])
def test_names_that_are_not_level_3(name: str) -> None:
    with pytest.raises(BadQueryError, match=r"is not a level-3 product\. Example: mast:JWST"):
        parse_uris([name])
