"""The OpenAPI document describes every parameter, operator and endpoint."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.query.conditions import PARAMETERS
from spectraldb.query.operators import OPERATORS
from spectraldb.schema.columns import columns_of, searchable_columns
from spectraldb.schema.tables import Table

API = "/spectra/api/v0.1"
OPERATIONS = {"/health", "/ready", "/metrics"}
ENDPOINTS = (
    "retrieve",
    "retrieve/derived",
    "retrieve/file",
    "search",
    "search/products",
    "search/count",
    "search/sql",
    "search/columns",
    "lines",
    "holdings",
    "match",
)


@pytest.fixture
def document(api: TestClient) -> dict[str, Any]:
    return dict(api.get("/spectra/openapi.json").json())


def test_every_column_is_described_with_unit_and_example(document: dict[str, Any]) -> None:
    search = document["paths"][f"{API}/search"]["get"]
    parameters = {parameter["name"]: parameter for parameter in search["parameters"]}
    for column in searchable_columns():
        parameter = parameters[column.name]
        assert column.description in parameter["description"]
        assert not column.unit or f"In {column.unit}." in parameter["description"]
        assert f"`{column.name}={column.example}`" in parameter["description"]
    assert set(PARAMETERS) <= set(parameters)
    for operator in OPERATORS.values():
        assert f"`.{operator.key}`" in search["description"]


def test_search_for_products_has_no_columns_of_pixels(document: dict[str, Any]) -> None:
    search = document["paths"][f"{API}/search/products"]["get"]
    names = {parameter["name"] for parameter in search["parameters"]}
    pixel_columns = {column.name for column in columns_of(Table.PIXEL)}
    columns = {column.name for column in searchable_columns()} - pixel_columns
    assert names == columns | set(PARAMETERS) - {"group"}
    assert all(f"`.{operator}`" in search["description"] for operator in OPERATORS)


def test_every_endpoint_describes_parameters_and_responses(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {f"{API}/{name}" for name in ENDPOINTS} | OPERATIONS
    for path in (document["paths"][name] for name in document["paths"].keys() - OPERATIONS):
        (operation,) = path.values()
        assert operation["description"]
        assert {"200", "400", "404"} <= set(operation["responses"])
        for parameter in operation.get("parameters", []):
            assert parameter["description"], parameter
