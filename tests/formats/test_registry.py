"""The choice of a format, by ending, parameter or header."""

import pytest
from fastapi.testclient import TestClient

from spectraldb.formats.registry import FORMATS, choose
from spectraldb.query.conditions import PARAMETERS

API = "/spectra/api/v0.1"


def test_every_format_is_described() -> None:
    assert all(name in PARAMETERS["format"] for name in FORMATS)


@pytest.mark.parametrize(
    ("ending", "requested", "accept", "name"),
    [
        (None, None, None, "json"),
        (None, None, "*/*", "json"),
        (None, "csv", None, "csv"),
        ("arrow", None, "text/csv", "arrow"),
        (None, None, "text/html,application/json;q=0.5,text/csv;q=0.9", "csv"),
        (None, None, "application/vnd.apache.parquet", "parquet"),
        (None, None, "text/csv;q=0", "json"),
        ("CSV", "csv", None, "csv"),
    ],
)
def test_choice_of_format(
    ending: str | None, requested: str | None, accept: str | None, name: str
) -> None:
    assert choose(FORMATS, ending, requested, accept).name == name


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("search.xls", "Unknown format 'xls'. Formats: json, csv, arrow, votable, fits, parquet."),
        ("search?format=xls", "Unknown format 'xls'"),
        ("search.csv?format=arrow", "arrow contradicts the suffix .csv"),
        ("search.csv?flx=1", "Did you mean 'flux'?"),
        ("search.csv?limit=0", "limit: Must be between 1"),
        ("search/count?format=csv", "format: This is a parameter of the HTTP API"),
    ],
)
def test_wrong_formats(api: TestClient, url: str, message: str) -> None:
    response = api.get(f"{API}/{url}")
    assert response.status_code == 400
    assert message in response.json()["message"]
