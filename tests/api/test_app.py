"""The API's own description, and the pages that show it."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.query.conditions import PARAMETERS
from spectraldb.query.operators import OPERATORS
from spectraldb.schema.columns import columns_of, searchable_columns
from spectraldb.schema.tables import Table
from spectraldb.service.search import WholeAnswer


@pytest.fixture
def schema(api: TestClient) -> dict[str, Any]:
    return dict(api.get("/spectra/openapi.json").json())


def test_every_column_is_described_with_unit_and_example(schema: dict[str, Any]) -> None:
    search = schema["paths"]["/spectra/api/v0.1/search"]["get"]
    told = {parameter["name"]: parameter for parameter in search["parameters"]}
    for column in searchable_columns():
        parameter = told[column.name]
        assert column.description in parameter["description"]
        assert not column.unit or f"In {column.unit}." in parameter["description"]
        assert f"`{column.name}={column.example}`" in parameter["description"]
    assert set(PARAMETERS) <= set(told)
    for operator in OPERATORS.values():
        assert f"`.{operator.key}`" in search["description"]


def test_search_for_products_takes_no_pixels(schema: dict[str, Any]) -> None:
    search = schema["paths"]["/spectra/api/v0.1/search/products"]["get"]
    told = {parameter["name"] for parameter in search["parameters"]}
    of_pixels = {column.name for column in columns_of(Table.PIXEL)}
    assert told == {c.name for c in searchable_columns()} - of_pixels | set(PARAMETERS) - {"group"}
    assert all(f"`.{operator}`" in search["description"] for operator in OPERATORS)


OPERATIONS = {"/health", "/ready", "/metrics"}


def test_every_endpoint_has_its_answers(schema: dict[str, Any]) -> None:
    assert (
        set(schema["paths"])
        == {
            f"/spectra/api/v0.1/{name}"
            for name in (
                "retrieve",
                "retrieve/derived",
                "search",
                "search/products",
                "search/count",
                "search/columns",
                "holdings",
                "retrieve/file",
                "search/sql",
                "lines",
                "match",
            )
        }
        | OPERATIONS
    )
    for path in (schema["paths"][name] for name in schema["paths"].keys() - OPERATIONS):
        (operation,) = path.values()
        assert operation["description"]
        assert {"200", "400", "404"} <= set(operation["responses"])
        for parameter in operation.get("parameters", []):
            assert parameter["description"], parameter


@pytest.mark.parametrize(
    "path",
    [
        "search?limit=3",
        "search.csv",
        "search.parquet?product=all",
        "search/products",
        "search/products.fits",
        "search/count",
        "search/columns",
        "search?derSNR=1",
        "nothing",
        "retrieve?filename=Level3_ch4-medium_s3d.fits",
        "retrieve?filename=none.fits",
        "retrieve/derived?filename=Level3_ch4-medium_s3d.fits",
    ],
)
def test_head_is_get_without_a_body(
    real_api: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    same = {"x-request-id": "same"}
    whole = real_api.get(f"/spectra/api/v0.1/{path}", headers=same)
    monkeypatch.setattr(WholeAnswer, "batches", None)  # what streams is not even computed
    monkeypatch.setattr("spectraldb.api.responses.close_after", lambda *_: None)
    head = real_api.head(f"/spectra/api/v0.1/{path}", headers=same)
    assert (head.status_code, head.headers) == (whole.status_code, whole.headers)
    assert head.content == b""


def test_head_of_pages(api: TestClient) -> None:
    for path in ("/spectra/docs", "/spectra/openapi.json"):
        assert api.head(path).status_code == 200


def test_documentation_needs_no_other_host(api: TestClient) -> None:
    page = api.get("/spectra/docs")
    assert page.status_code == 200
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in links:
        assert link.startswith("/"), link
        assert api.get(link).status_code == 200
    assert "url: '/spectra/openapi.json'" in page.text


def test_the_root_is_the_page(api: TestClient) -> None:
    page = api.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="spectra/docs"' in page.text
