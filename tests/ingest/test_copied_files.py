"""Files that are copied into the lake, and their copies."""

import shutil
from pathlib import Path

from fastapi.testclient import TestClient

from spectraldb.ingest.outcome import Action
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.ingest.products import API, actions, scale_fluxes


def copies(lake: Service) -> list[Path]:
    return [path for path in (lake.lake.folder / "files").rglob("*") if path.is_file()]


def test_copies_outlive_their_files(lake: Service, api: TestClient, x1d: Path) -> None:
    assert actions(lake, x1d, copy=True) == [Action.INGESTED]
    x1d.unlink()
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 200
    assert Path(lake.products()[0]["location"]).is_relative_to(lake.lake.folder)


def test_a_copied_local_file_is_recognised(lake: Service, x1d: Path, tmp_path: Path) -> None:
    own = Path(shutil.copy(x1d, tmp_path / "Level3_x1d.fits"))
    assert actions(lake, own, copy=True) == [Action.INGESTED]
    assert actions(lake, own, copy=True) == [Action.UNCHANGED]
    assert actions(lake, own) == [Action.UNCHANGED]
    scale_fluxes(own)
    assert actions(lake, own, copy=True) == [Action.REPLACED]
    assert len(lake.products()) == len(copies(lake)) == 1


def test_files_that_share_a_copy(lake: Service, x1d: Path, tmp_path: Path) -> None:
    own = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        own.append(Path(shutil.copy(x1d, tmp_path / name / "Level3_x1d.fits")))
        for _ in own[1:]:
            scale_fluxes(own[-1])
    assert actions(lake, *own, copy=True) == [Action.INGESTED] * 3
    assert len(copies(lake)) == 3
    # A product that is in the lake may get the bytes of another one, and then shares its copy.
    shutil.copy(own[0], own[1])
    shutil.copy(own[0], own[2])
    assert actions(lake, *own, copy=True) == [Action.UNCHANGED, Action.REPLACED, Action.REPLACED]
    assert len(copies(lake)) == 1
    uris = [row["uri"] for row in lake.products()]
    for number, uri in enumerate(uris):
        with lake.retrieve(uri=uri):
            lake.remove([uri])
        assert len(copies(lake)) == len({row["location"] for row in lake.products()}), number
    assert copies(lake) == []


def test_copies_are_made_later_and_deleted_with_their_products(lake: Service, x1d: Path) -> None:
    lake.ingest([x1d])
    assert actions(lake, x1d, copy=True) == [Action.MOVED]
    (first,) = copies(lake)
    assert actions(lake, x1d, copy=True) == [Action.UNCHANGED]
    scale_fluxes(x1d)
    assert actions(lake, x1d, copy=True) == [Action.REPLACED]
    (second,) = copies(lake)
    assert second != first
    with lake.retrieve(file_name=x1d.name) as retrieved:
        assert retrieved.answer.columns
    lake.remove([x1d.name])
    assert copies(lake) == []
    assert x1d.exists()


def test_a_damaged_copy_is_replaced(lake: Service, api: TestClient, x1d: Path) -> None:
    lake.ingest([x1d], copy=True)
    copy = copies(lake)[0]
    copy.write_bytes(copy.read_bytes()[:3000])
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 409
    assert actions(lake, x1d, copy=True) == [Action.MOVED]
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 200


def test_copies_in_an_ingested_folder_are_skipped(x1d: Path) -> None:
    service = Service(Settings(lake=x1d.parent / "lake"), create=True)
    assert actions(service, x1d.parent, copy=True) == [Action.INGESTED]
    assert actions(service, x1d.parent, copy=True) == [Action.UNCHANGED]
    service.close()
