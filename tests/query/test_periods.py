"""Tests of dates in conditions, compared with times of Python and astropy."""

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import BadQueryError
from spectraldb.query.conditions import read_condition
from spectraldb.service.service import Service
from tests.support.small_files import write_x1d

TIMES = (
    "2023-01-31T23:59:59.999",
    "2023-02-01T00:00:00.000",
    "2023-02-01T12:30:15.250",
    "2023-02-01T23:59:59.999",
    "2023-02-02T00:00:00.000",
    "2024-02-29T06:00:00.000",
)


@pytest.fixture
def dates(lake: Service, tmp_path: Path) -> Service:
    """Give a lake with a product of each time."""
    for i, text in enumerate(TIMES):
        primary = {"DATE-BEG": text, "EXPSTART": Time(text, scale="utc").mjd}
        columns = {"WAVELENGTH": [1.0], "FLUX": [1.0]}
        lake.ingest([write_x1d(tmp_path / f"{i}_x1d.fits", columns, primary=primary)])
    return lake


CASES = [
    ("gte", "2023-02-01", [1, 2, 3, 4, 5]),
    ("gt", "2023-02-01", [4, 5]),
    ("lt", "2023-02-01", [0]),
    ("lte", "2023-02-01", [0, 1, 2, 3]),
    ("eq", "2023-02-01", [1, 2, 3]),
    ("ne", "2023-02-01", [0, 4, 5]),
    ("eq", "2023-02", [1, 2, 3, 4]),
    ("eq", "2023-02-01T12:30", [2]),
    ("eq", "2023-02-01 12:30:15", [2]),
    ("eq", "2023-02-01T12:30:15.25", [2]),
    ("eq", "2023-02-01T13:30+01:00", [2]),
    ("lt", "2023-01-31T23:30-0030", [0]),
    ("gte", "2023-02-02T00:00Z", [4, 5]),
    ("eq", "2024-02-29", [5]),
    ("in", "2024-02,2023-02-02", [4, 5]),
    ("between", "2023-02-01T12,2023-02-01", [2, 3]),
    ("between", "2023-01,2023-02-01", [0, 1, 2, 3]),
]


@pytest.mark.parametrize(("key", "text", "expected"), CASES)
@pytest.mark.parametrize("column", ["dateObs", "expStart"])
def test_periods(dates: Service, column: str, key: str, text: str, expected: list[int]) -> None:
    rows = dates.search_products([(f"{column}.{key}", text)]).rows
    assert [int(name[0]) for name in rows["fileName"].to_pylist()] == expected


def test_several_dates_without_an_operator(dates: Service) -> None:
    def found(name: str, text: str) -> int:
        return len(dates.search_products([(name, text)]).rows)

    assert found("dateObs", "2024-02-29") == 1
    assert found("dateObs", "2023-02-02,2024-02-29") == 2
    assert found("expStart", "2023-02-02,2024-02-29") == 2
    assert found("expStart", "2023") == found("expEnd.isnull", "true") - 1 == 5
    assert found("dateObs.like", "2023-02-01*") == 3
    assert found("expStart.gte", str(Time("2023-02-02").mjd)) == 2
    assert found("expStart.gte", "59977 d") == 2
    assert found("dateObs", "2023") == 5
    assert found("ingested.gt", "2020") == len(TIMES)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)))
def test_modified_julian_dates(time: datetime) -> None:
    condition = read_condition("expStart.gte", time.isoformat(timespec="microseconds"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of future leap seconds
        expected = Time(time, scale="tai").mjd  # every day has 86400 s
    assert condition.values[0] == pytest.approx(expected, abs=1e-9)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)), st.integers(-720, 720))
def test_offsets(time: datetime, minutes: int) -> None:
    utc = time.replace(second=0, microsecond=0, tzinfo=UTC)
    sign, rest = ("-" if minutes < 0 else "+"), divmod(abs(minutes), 60)
    local = (utc + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")
    condition = read_condition("dateObs.gte", f"{local}{sign}{rest[0]:02}:{rest[1]:02}")
    assert condition.values == (utc.strftime("%Y-%m-%dT%H:%M"),)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dateObs.gte", "01/02/2023"),
        ("dateObs", "2023-02-30"),
        ("dateObs", "2023-13"),
        ("dateObs", "2023-00-01"),
        ("dateObs", "2023-01-00"),
        ("dateObs", "0000"),
        ("dateObs", "9999-12-31"),
        ("dateObs", "0001-01-01T00:00+01:00"),
        ("dateMade.lt", "2023-1-1"),
        ("dateObs.gte", "2023-02-01+01:00"),
        ("dateObs", "\u0662\u0660\u0662\u0663"),
        ("expStart.gte", "01/02/2023"),
        ("expStart", "nan"),
    ],
)
def test_errors(name: str, text: str) -> None:
    with pytest.raises(BadQueryError, match=r"is (not|neither) a date"):
        read_condition(name, text)


@pytest.mark.parametrize("text", ["59976", "59976.", "+59976", "5.9976e4"])
def test_numbers(text: str) -> None:
    assert read_condition("expStart.gte", text).values == (59976.0,)


@pytest.mark.parametrize("name", ["dateObs.between", "mjdAvg.between"])
def test_empty_range(name: str) -> None:
    with pytest.raises(BadQueryError, match=r"The range 2023-02-02,2023-02-01 is empty\."):
        read_condition(name, "2023-02-02,2023-02-01")
