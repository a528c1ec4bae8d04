"""The folder of a lake: any name, and replacement by another lake while it is open."""

import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.errors import LakeError, NotHeldError
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.layouts import LAYOUTS, write_layout

API = "/spectra/api/v0.1"
LAYOUT = next(layout for layout in LAYOUTS if layout.key == "x1d-mos")

NAMES = ["with space", "a#b", "what?", "star*", "Ünïcode", "quo'te", "a&b=c", "productType=x1d"]


@pytest.mark.parametrize("name", NAMES)
def test_folder_of_any_name(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name / "lake"
    service = Service(Settings(lake=folder), create=True)
    service.ingest([write_layout(LAYOUT, tmp_path)], copy=True)
    with TestClient(create_app(service)) as client:
        assert client.get(f"{API}/search").json()["results"]
        assert client.get(f"{API}/retrieve?filename={LAYOUT.file_name}").status_code == 200
    service.close()
    again = Service(Settings(lake=folder))
    assert len(again.products()) == 1
    assert again.ingest([tmp_path / LAYOUT.file_name]).outcomes[0].action == "unchanged"
    again.close()
    assert {path.name for path in tmp_path.iterdir()} == {name, LAYOUT.file_name}


@pytest.mark.parametrize("name", ["per%20cent", "[lab]", "back\\slash"])
def test_a_folder_that_cannot_hold_a_lake_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="Choose another folder with --lake"):
        Service(Settings(lake=tmp_path / name), create=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("version", [10**6, 10**12, 2**63 - 1])
def test_a_search_of_a_version_that_never_existed(lake: Service, version: int) -> None:
    with pytest.raises(NotHeldError, match=f"no version {version}. The newest is 0"):
        lake.search([("version", str(version))])


def test_a_lake_that_is_replaced_under_a_server(
    lake: Service, api: TestClient, tmp_path: Path
) -> None:
    path = write_layout(LAYOUT, tmp_path)
    lake.ingest([path])
    before = api.get(f"{API}/search").json()["results"]
    shutil.rmtree(lake.lake.folder)
    other = Service(lake.settings, create=True)
    assert api.get(f"{API}/search").json()["results"] == []
    assert api.get(f"{API}/retrieve?filename={path.name}").status_code == 404
    other.ingest([path])
    other.close()
    assert api.get(f"{API}/search").json()["results"] == before
