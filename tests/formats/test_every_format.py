"""Every format of tables has the same rows as the pages of JSON."""

import pytest
from fastapi.testclient import TestClient

from spectraldb.formats.registry import FORMATS
from tests.conftest import all_pages
from tests.support.result_tables import TABLE_FORMATS, read_table

API = "/spectra/api/v0.1"
COLUMNS = "uri,spectrum,good,dq,fluxErr,targetName,surfBright"
WAVELENGTHS = {"samples": "5,5.02", "real": "3,3.4"}
"""Ranges with some thousand pixels of several products of each lake."""


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_table_has_the_rows_of_all_pages(
    each_api: TestClient, lake_name: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spectraldb.service.search.PART_PIXELS", 3_000)  # many parts, many batches
    query = f"product=all&wavelength={WAVELENGTHS[lake_name]}&flux.gt=0&columns={COLUMNS}"
    expected = all_pages(each_api, f"{API}/search?{query}&limit=20000")
    response = each_api.get(f"{API}/search.{name}?{query}")
    assert response.headers["content-type"].startswith(FORMATS[name].media_type)
    table = read_table(name, response.content)
    assert table.column_names == list(expected[0])
    assert table.num_rows == len(expected) > 2000
    for row, expected_row in zip(table.to_pylist(), expected, strict=True):
        assert row == expected_row


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_empty_result(each_api: TestClient, name: str) -> None:
    table = read_table(name, each_api.get(f"{API}/search.{name}?wavelength=1e6,2e6").content)
    assert table.num_rows == 0
    assert table.column_names == ["fileName", "x", "y", "wavelength"]


@pytest.mark.parametrize("name", TABLE_FORMATS)
@pytest.mark.parametrize("extra", ["limit=5", "sort_by=-flux&limit=7", "group=True"])
def test_limits_orders_and_groups(each_api: TestClient, name: str, extra: str) -> None:
    query = f"product=all&wavelength=3,15&flux.gt=0&{extra}"
    expected = each_api.get(f"{API}/search?{query}").json()["results"]
    content = each_api.get(f"{API}/search.{name}?{query}").content
    assert read_table(name, content).to_pylist() == expected != []
