"""Files that were moved, and other files at their old locations."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from spectraldb.errors import FileGoneError
from spectraldb.ingest.outcome import Action
from spectraldb.service.service import Service
from tests.ingest.products import API, BY_KEY, actions, fluxes, scale_team_fluxes, write_local
from tests.support.layouts import write_layout


def test_a_moved_file_is_found_again(
    lake: Service, api: TestClient, x1d: Path, tmp_path: Path
) -> None:
    lake.ingest([x1d])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    x1d.rename(elsewhere / x1d.name)
    with pytest.raises(FileGoneError, match="has been moved or deleted"):
        lake.retrieve(file_name=x1d.name)
    response = api.get(f"{API}/retrieve?filename={x1d.name}")
    assert response.status_code == 410
    assert str(tmp_path) not in response.text
    assert actions(lake, elsewhere) == [Action.MOVED]
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 200


def test_moved_local_file_keeps_its_uri(lake: Service, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    path = write_layout(BY_KEY["x1d-team"], old)
    lake.ingest([old])
    uri = lake.products()[0]["uri"]
    old.rename(new)
    assert actions(lake, new) == [Action.MOVED]
    assert [row["uri"] for row in lake.products()] == [uri]
    scale_team_fluxes(new / path.name)
    assert actions(lake, new) == [Action.REPLACED]
    assert [row["uri"] for row in lake.products()] == [uri]


def test_second_copy_of_a_missing_file_is_a_duplicate(
    lake: Service, api: TestClient, tmp_path: Path
) -> None:
    path = write_local(tmp_path / "a")
    lake.ingest([path])
    count = len(fluxes(api))
    uri = lake.products()[0]["uri"]
    path.unlink()
    found = actions(lake, write_local(tmp_path / "b"), write_local(tmp_path / "c"))
    assert Counter(found) == {Action.MOVED: 1, Action.DUPLICATE: 1}
    assert [row["uri"] for row in lake.products()] == [uri]
    assert len(fluxes(api)) == count


def test_a_file_in_a_folder_of_another_user_is_not_missing(
    lake: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.ingest([write_local(tmp_path / "a")])
    exists = Path.exists

    def denied(path: Path) -> bool:
        if path.parent.name == "a":
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", denied)
    assert actions(lake, write_local(tmp_path / "b")) == [Action.INGESTED]
    folders = {Path(row["location"]).parent.name for row in lake.products()}
    assert folders == {"a", "b"}


def test_a_new_file_in_an_old_location_is_another_product(lake: Service, tmp_path: Path) -> None:
    path = write_local(tmp_path / "a")
    lake.ingest([path])
    (tmp_path / "b").mkdir()
    path.rename(tmp_path / "b" / path.name)
    assert actions(lake, tmp_path / "b") == [Action.MOVED]
    assert actions(lake, write_local(tmp_path / "a", factor=3)) == [Action.INGESTED]
    rows = lake.products()
    assert len({row["uri"] for row in rows}) == 2
    for row in rows:
        with lake.retrieve(uri=row["uri"]) as retrieved:
            assert retrieved.answer.columns
    assert actions(lake, tmp_path / "a", tmp_path / "b") == [Action.UNCHANGED] * 2


def test_an_intact_file_replaces_a_damaged_one(lake: Service, x1d: Path, tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    good = Path(shutil.copy(x1d, tmp_path / "good"))
    lake.ingest([x1d])
    x1d.write_bytes(x1d.read_bytes()[:-1] + b"!")
    assert actions(lake, good) == [Action.MOVED]
    assert lake.products()[0]["location"] == str(good)
