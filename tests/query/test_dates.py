"""Dates in conditions, compared with astropy's Time."""

import math
from datetime import datetime

import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.errors import BadQueryError
from spectraldb.query.conditions import read_condition
from spectraldb.query.dates import read_span
from spectraldb.schema.columns import by_name

TEXT, MJD = by_name()["dateObs"], by_name()["expStart"]


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("2023", "2023"),
        ("2023-02", "2023-02"),
        ("2023-02-01", "2023-02-01"),
        ("2023-02-01T12", "2023-02-01T12"),
        ("2023-02-01 12:30", "2023-02-01T12:30"),
        ("2023-02-01T12:30:15.25", "2023-02-01T12:30:15.25"),
        ("2023-02-01T12:30:15Z", "2023-02-01T12:30:15"),
        ("2023-02-01T00:30:00+01:00", "2023-01-31T23:30:00"),
    ],
)
def test_texts(text: str, low: str) -> None:
    span = read_span("dateObs", TEXT, text)
    assert span.low == low
    assert str(span.low) <= f"{low}.999" <= str(span.high)


@given(moment=st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1)))
def test_moments_as_mjd(moment: object) -> None:
    text = moment.isoformat()  # type: ignore[attr-defined]
    span = read_span("expStart", MJD, text)
    assert span.low == pytest.approx(Time(text, scale="utc").mjd, abs=2e-5)  # one leap second


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2023-02", "2023-02-01", "2023-03-01"),
        ("2023-02-28", "2023-02-28", "2023-03-01"),
        ("2023-02-28T23", "2023-02-28T23:00:00", "2023-03-01"),
        ("2023-02-28T23:59", "2023-02-28T23:59:00", "2023-03-01"),
    ],
)
def test_spans_as_mjd(text: str, first: str, end: str) -> None:
    span = read_span("expStart", MJD, text)
    assert span.low == Time(first).mjd
    assert span.high == math.nextafter(Time(end).mjd, -math.inf)


@pytest.mark.parametrize("text", ["59764.05", "59764", "5.9764e4"])
def test_numbers_are_mjd(text: str) -> None:
    assert read_span("expStart", MJD, text).low == float(text)


@pytest.mark.parametrize(
    "text", ["01/02/2023", "2023-13-01", "2023-02-30", "yesterday", "2023-2-1", "2023-02-01T25:00"]
)
def test_texts_that_are_no_date(text: str) -> None:
    with pytest.raises(BadQueryError, match=r"is not a date\. Example: dateObs\.gte=2022-07-04"):
        read_condition("dateObs.gte", text)
    with pytest.raises(BadQueryError, match="neither a date nor an MJD"):
        read_condition("expStart", text)
