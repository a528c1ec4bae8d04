"""Arrow and Parquet carry the units and descriptions of columns."""

import pytest
from fastapi.testclient import TestClient

from tests.support.result_tables import read_table

SEARCH = "/spectra/api/v0.1/search"


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_schema_has_units_and_descriptions(each_api: TestClient, name: str) -> None:
    content = each_api.get(f"{SEARCH}.{name}?limit=3&columns=flux,ra").content
    schema = read_table(name, content).schema
    assert schema.field("wavelength").metadata[b"unit"] == b"um"
    assert schema.field("wavelength").metadata[b"ucd"] == b"em.wl"
    assert schema.field("flux").metadata[b"unit"] == b"Jy"  # that of all x1d in both lakes
    assert schema.field("ra").metadata[b"description"]
    assert schema.metadata[b"spectraldb.query"].startswith(b"SELECT ")


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_column_of_several_units_has_none(each_api: TestClient, name: str) -> None:
    content = each_api.get(f"{SEARCH}.{name}?limit=3&columns=flux&product=all").content
    assert b"unit" not in (read_table(name, content).schema.field("flux").metadata or {})
