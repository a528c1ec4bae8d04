"""Outcomes of an ingest: ingested, unchanged and replaced files; and removed products."""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from spectraldb.errors import FileChangedError, NotHeldError
from spectraldb.ingest.outcome import Action
from spectraldb.service.service import Service
from tests.ingest.products import API, BY_KEY, actions, fluxes, scale_fluxes, wavelengths
from tests.support.layouts import LAYOUTS, write_layout


def test_the_same_file_again_is_unchanged(lake: Service, api: TestClient, x1d: Path) -> None:
    assert actions(lake, x1d) == [Action.INGESTED]
    version, answer = lake.lake.snapshot().version, fluxes(api)
    assert actions(lake, x1d) == [Action.UNCHANGED]
    assert fluxes(api) == answer
    assert lake.lake.snapshot().version == version


def test_touched_file_is_unchanged(lake: Service, x1d: Path) -> None:
    lake.ingest([x1d])
    os.utime(x1d, (1, 1))
    assert actions(lake, x1d) == [Action.UNCHANGED]
    with lake.retrieve(file_name=x1d.name) as retrieved:
        assert retrieved.answer.columns


def test_changed_file_replaces_its_rows(lake: Service, api: TestClient, x1d: Path) -> None:
    lake.ingest([x1d])
    before = fluxes(api)
    scale_fluxes(x1d)
    assert actions(lake, x1d) == [Action.REPLACED]
    assert fluxes(api) == [2 * flux for flux in before]
    assert len(lake.products()) == 1


def test_changed_file_is_not_served_until_ingested(
    lake: Service, api: TestClient, x1d: Path
) -> None:
    lake.ingest([x1d])
    scale_fluxes(x1d)
    os.utime(x1d, (1, 1))
    with pytest.raises(FileChangedError, match="changed"):
        lake.retrieve(file_name=x1d.name)
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 409
    lake.ingest([x1d])
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 200


def test_local_files_of_one_name_are_separate_products(lake: Service, tmp_path: Path) -> None:
    source = write_layout(BY_KEY["x1d-mos"], tmp_path)
    for target in ("a", "b"):
        (tmp_path / target).mkdir()
        shutil.copy(source, tmp_path / target / "Level3_x1d.fits")
    scale_fluxes(tmp_path / "b" / "Level3_x1d.fits")
    assert actions(lake, tmp_path / "a", tmp_path / "b") == [Action.INGESTED] * 2
    uris = {row["uri"] for row in lake.products()}
    assert len(uris) == 2
    assert all(uri.startswith("local:") and str(tmp_path) not in uri for uri in uris)
    with pytest.raises(Exception, match="Several products have the file name"):
        lake.find(file_name="Level3_x1d.fits")
    assert {lake.find(uri=uri)["uri"] for uri in uris} == uris


def test_two_files_of_one_uri_in_one_run(lake: Service, x1d: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = Path(shutil.copy(x1d, tmp_path / "other"))
    scale_fluxes(twin)
    summary = lake.ingest([x1d, twin])
    assert Counter(o.action for o in summary.outcomes) == {Action.INGESTED: 1, Action.DUPLICATE: 1}
    assert f"The same product as {x1d}" in summary.outcomes[0].reason


def test_removed_product_is_not_found(lake: Service, api: TestClient, x1d: Path) -> None:
    lake.ingest([x1d])
    uri = lake.products()[0]["uri"]
    assert lake.remove([x1d.name]) == [uri]
    assert wavelengths(api) == []
    assert api.get(f"{API}/retrieve?uri={uri}").status_code == 404
    assert x1d.exists()
    with pytest.raises(NotHeldError):
        lake.remove([x1d.name])
    assert actions(lake, x1d) == [Action.INGESTED]


def test_every_layout_has_its_metadata(layouts: Service) -> None:
    rows = {row["fileName"]: row for row in layouts.products()}
    for layout in LAYOUTS:
        row = rows[layout.file_name]
        assert row["fluxUnit"] == layout.flux_unit, layout.key
        assert row["productType"] == layout.product_type
        assert row["program"] == "01234"
