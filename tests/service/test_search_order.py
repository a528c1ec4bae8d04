"""The order of results, and their pages, which together are the whole result."""

import pytest
from fastapi.testclient import TestClient

from spectraldb.service.service import Service
from tests.conftest import all_pages
from tests.support.pixel_scan import PixelScan

SEARCH = "/spectra/api/v0.1/search"


def test_pages_together_are_the_whole_result(searched_api: TestClient) -> None:
    query = f"{SEARCH}?wavelength=3,4&flux.gt=0&columns=uri,spectrum"
    whole = searched_api.get(query + "&limit=100000").json()
    assert not whole["truncated"]
    assert len(whole["results"]) > 97
    assert all_pages(searched_api, query + "&limit=97") == whole["results"]


def test_grouped_pages_together_are_the_whole_result(
    searched: Service, searched_api: TestClient
) -> None:
    query = f"{SEARCH}?product=all&group=True&columns=uri"
    whole = searched_api.get(query).json()["results"]
    assert all_pages(searched_api, query + "&limit=4") == whole
    assert len(whole) == len(searched.products())


@pytest.mark.parametrize(
    "sort_by", ["-flux", "flux", "-surfBright,wavelength", "targetName,-snr", "-good,derSnr", "-dq"]
)
def test_any_order_continues_over_pages(
    searched_api: TestClient, scans: dict[str, PixelScan], sort_by: str
) -> None:
    query = f"{SEARCH}?product=x1d,s2d&wavelength=3,3.05&columns=uri,spectrum&sort_by={sort_by}"
    whole = searched_api.get(query + "&limit=100000").json()
    assert not whole["truncated"]
    first_key = sort_by.split(",", maxsplit=1)[0]
    values = [row[first_key.lstrip("-")] for row in whole["results"]]
    present = [value for value in values if value is not None]
    assert values[len(present) :] == [None] * (len(values) - len(present))  # nulls come last
    assert present == sorted(present, reverse=first_key.startswith("-"))
    expected = sum(
        ((scan["wavelength"] >= 3) & (scan["wavelength"] <= 3.05)).sum()
        for scan in (scans["x1d"], scans["s2d"])
    )
    assert len(whole["results"]) == expected > 301
    assert all_pages(searched_api, query + "&limit=301") == whole["results"]


def test_groups_by_count(searched_api: TestClient) -> None:
    query = f"{SEARCH}?product=all&group=True&columns=uri&sort_by=-matched"
    whole = searched_api.get(query).json()["results"]
    counts = [row["matched"] for row in whole]
    assert counts == sorted(counts, reverse=True)
    first = searched_api.get(query + "&limit=5").json()
    rest = searched_api.get(first["next"].replace("limit=5", "limit=100")).json()
    assert first["results"] + rest["results"] == whole
