"""What becomes of files: taken, unchanged, replaced, moved, refused."""

import os
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from fastapi.testclient import TestClient

from spectraldb.cancellation import Cancellation
from spectraldb.errors import FileChangedError, FileGoneError, LakeError, NotHeldError
from spectraldb.ingest.inventory import IngestTask
from spectraldb.ingest.outcome import Action, Outcome
from spectraldb.ingest.worker import BatchResult, ingest_batch
from spectraldb.products.open import open_product
from spectraldb.products.product import Product
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.store import Store
from tests.support.layouts import BROKEN, LAYOUTS, Broken, write_layout

API = "/spectra/api/v0.1"
BY_KEY = {layout.key: layout for layout in LAYOUTS}


def actions(service: Service, *words: Path, copy: bool = False) -> list[Action]:
    return [outcome.action for outcome in service.ingest(words, copy=copy).outcomes]


def change(path: Path, factor: float = 2.0) -> None:
    """Change the fluxes of an x1d, its size and its time of modification staying as they are."""
    times = path.stat()
    with fits.open(path, mode="update") as hdus:
        hdus["EXTRACT1D"].data["FLUX"] *= factor
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.fixture
def x1d(tmp_path: Path) -> Path:
    """Give a file with a proper level-3 name."""
    return write_layout(BY_KEY["x1d-mos"], tmp_path)


def wavelengths(api: TestClient) -> list[float]:
    results = api.get(f"{API}/search?limit=1000").json()["results"]
    return [result["wavelength"] for result in results]


def fluxes(api: TestClient) -> list[float]:
    results = api.get(f"{API}/search?limit=1000&columns=flux").json()["results"]
    return [result["flux"] for result in results]


def test_same_file_again_is_left_alone(lake: Service, api: TestClient, x1d: Path) -> None:
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
    change(x1d)
    assert actions(lake, x1d) == [Action.REPLACED]
    assert fluxes(api) == [2 * flux for flux in before]
    assert len(lake.products()) == 1


def test_changed_file_is_not_served_until_ingested(
    lake: Service, api: TestClient, x1d: Path
) -> None:
    lake.ingest([x1d])
    change(x1d)
    os.utime(x1d, (1, 1))
    with pytest.raises(FileChangedError, match="changed"):
        lake.retrieve(file_name=x1d.name)
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 409
    lake.ingest([x1d])
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 200


def test_moved_file_is_healed(lake: Service, api: TestClient, x1d: Path, tmp_path: Path) -> None:
    lake.ingest([x1d])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    x1d.rename(elsewhere / x1d.name)
    with pytest.raises(FileGoneError, match="no longer where it was"):
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
    change_team(new / path.name)
    assert actions(lake, new) == [Action.REPLACED]
    assert [row["uri"] for row in lake.products()] == [uri]


def change_team(path: Path) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[1].data["FLUX"] *= 2


def test_own_files_of_one_name_never_overwrite(lake: Service, tmp_path: Path) -> None:
    source = write_layout(BY_KEY["x1d-mos"], tmp_path)
    for target in ("a", "b"):
        (tmp_path / target).mkdir()
        shutil.copy(source, tmp_path / target / "Level3_x1d.fits")
    assert actions(lake, tmp_path / "a", tmp_path / "b") == [Action.INGESTED] * 2
    uris = {row["uri"] for row in lake.products()}
    assert len(uris) == 2
    assert all(uri.startswith("local:") and str(tmp_path) not in uri for uri in uris)
    with pytest.raises(Exception, match="several products are called"):
        lake.find(file_name="Level3_x1d.fits")
    assert {lake.find(uri=uri)["uri"] for uri in uris} == uris


def test_two_files_of_one_uri_in_one_run(lake: Service, x1d: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = Path(shutil.copy(x1d, tmp_path / "other"))
    change(twin)
    summary = lake.ingest([x1d, twin])
    assert Counter(o.action for o in summary.outcomes) == {Action.INGESTED: 1, Action.REFUSED: 1}
    assert "same name" in summary.refused[0].reason


def test_copies_outlive_their_files(lake: Service, api: TestClient, x1d: Path) -> None:
    assert actions(lake, x1d, copy=True) == [Action.INGESTED]
    x1d.unlink()
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 200
    assert Path(lake.products()[0]["location"]).is_relative_to(lake.lake.folder)


def copies(lake: Service) -> list[Path]:
    return [path for path in (lake.lake.folder / "files").rglob("*") if path.is_file()]


def test_a_copied_file_without_an_archive_name_is_known_again(
    lake: Service, x1d: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copy(x1d, tmp_path / "Level3_x1d.fits"))
    assert actions(lake, own, copy=True) == [Action.INGESTED]
    assert actions(lake, own, copy=True) == [Action.UNCHANGED]
    assert actions(lake, own) == [Action.UNCHANGED]
    change(own)
    assert actions(lake, own, copy=True) == [Action.REPLACED]
    assert len(lake.products()) == len(copies(lake)) == 1


def test_files_that_share_a_copy(lake: Service, x1d: Path, tmp_path: Path) -> None:
    own = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        own.append(Path(shutil.copy(x1d, tmp_path / name / "Level3_x1d.fits")))
    assert actions(lake, *own, copy=True) == [Action.INGESTED] * 3
    assert len(copies(lake)) == 1
    change(own[0])
    assert actions(lake, *own, copy=True) == [Action.REPLACED, Action.UNCHANGED, Action.UNCHANGED]
    uris = [row["uri"] for row in lake.products()]
    for number, uri in enumerate(uris):
        with lake.retrieve(uri=uri):
            lake.remove([uri])
        assert len(copies(lake)) == len({row["location"] for row in lake.products()}), number
    assert copies(lake) == []


def test_copies_are_made_later_and_dropped_with_their_products(lake: Service, x1d: Path) -> None:
    lake.ingest([x1d])
    assert actions(lake, x1d, copy=True) == [Action.MOVED]
    (first,) = copies(lake)
    assert actions(lake, x1d, copy=True) == [Action.UNCHANGED]
    change(x1d)
    assert actions(lake, x1d, copy=True) == [Action.REPLACED]
    (second,) = copies(lake)
    assert second != first
    with lake.retrieve(file_name=x1d.name) as retrieved:
        assert retrieved.answer.columns
    lake.remove([x1d.name])
    assert copies(lake) == []
    assert x1d.exists()


def test_removed_product_is_gone(lake: Service, api: TestClient, x1d: Path) -> None:
    lake.ingest([x1d])
    uri = lake.products()[0]["uri"]
    assert lake.remove([x1d.name]) == [uri]
    assert wavelengths(api) == []
    assert api.get(f"{API}/retrieve?uri={uri}").status_code == 404
    assert x1d.exists()
    with pytest.raises(NotHeldError):
        lake.remove([x1d.name])
    assert actions(lake, x1d) == [Action.INGESTED]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.key)
def test_broken_file_is_refused_with_its_reason(
    lake: Service, api: TestClient, x1d: Path, tmp_path: Path, broken: Broken
) -> None:
    (tmp_path / "broken").mkdir()
    path = write_layout(broken, tmp_path / "broken")
    summary = lake.ingest([path, x1d])
    assert [o.action for o in summary.outcomes] == [Action.REFUSED, Action.INGESTED]
    assert broken.reason in summary.refused[0].reason.lower()
    assert wavelengths(api)


def test_what_is_not_there_is_refused(lake: Service, tmp_path: Path) -> None:
    summary = lake.ingest([tmp_path / "nothing.fits"])
    assert [o.reason for o in summary.refused] == ["there is no such file"]


def test_unreadable_file_is_refused(
    lake: Service, x1d: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("spectraldb.ingest.worker.checksum", denied)
    assert lake.ingest([x1d]).refused[0].reason == "it cannot be read: Permission denied"


def test_name_must_agree_with_content(lake: Service, x1d: Path) -> None:
    wrong = x1d.with_name(x1d.name.replace("_x1d", "_c1d"))
    x1d.rename(wrong)
    assert "its name says c1d" in lake.ingest([wrong]).refused[0].reason


def test_file_that_changes_while_it_is_read_is_refused(
    lake: Service, x1d: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(path: Path) -> Product:
        os.utime(x1d, (1, 1))
        return open_product(path)

    monkeypatch.setattr("spectraldb.ingest.worker.open_product", changing)
    assert "changed while it was read" in lake.ingest([x1d]).refused[0].reason
    assert lake.products() == []


def test_globs_folders_and_doubles(
    lake: Service, x1d: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    write_layout(BY_KEY["s2d-mos"], tmp_path / "deep" / "er")
    (tmp_path / "notes.txt").write_text("no spectrum")
    monkeypatch.chdir(tmp_path)
    summary = lake.ingest(["*_x1d.fits", str(x1d), "deep", "**/*_s2d.fits"])
    assert [o.action for o in summary.outcomes] == [Action.INGESTED] * 2


def test_many_batches_go_through_processes(tmp_path: Path) -> None:
    source = write_layout(BY_KEY["x1d-mos"], tmp_path)
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(70):
        shutil.copy(source, folder / f"jw01234-o001_s{i:09d}_nirspec_f290lp-g395m_x1d.fits")
    (folder / "text.fits").write_text("no FITS")
    service = Service(Settings(lake=tmp_path / "lake", workers=2), create=True)
    told: list[Outcome] = []
    summary = service.ingest([folder], report=told.append)
    assert summary.outcomes == told
    assert Counter(o.action for o in told) == {Action.INGESTED: 70, Action.REFUSED: 1}
    assert len(service.products()) == 70
    assert service.search([("group", "True")]).rows.num_rows == 70
    service.close()


def own(folder: Path, key: str = "x1d-mos", factor: float = 1.0) -> Path:
    """Write a file with a name that is no level-3 name into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = write_layout(BY_KEY[key], folder).rename(folder / "Level3_x1d.fits")
    if factor != 1:
        change(path, factor)
    return path


def test_two_copies_of_a_lost_file_are_two_products(
    lake: Service, api: TestClient, tmp_path: Path
) -> None:
    path = own(tmp_path / "a")
    lake.ingest([path])
    count = len(fluxes(api))
    uri = lake.products()[0]["uri"]
    path.unlink()
    assert sorted(actions(lake, own(tmp_path / "b"), own(tmp_path / "c"))) == ["moved", "taken"]
    rows = lake.products()
    assert len({row["uri"] for row in rows}) == len({row["productId"] for row in rows}) == 2
    assert uri in {row["uri"] for row in rows}
    assert len(fluxes(api)) == 2 * count


def test_a_file_in_a_folder_of_anothers_stays_that_ones(
    lake: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.ingest([own(tmp_path / "a")])
    exists = Path.exists

    def denied(path: Path) -> bool:
        if path.parent.name == "a":
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", denied)
    assert actions(lake, own(tmp_path / "b")) == [Action.INGESTED]
    places = {Path(row["location"]).parent.name for row in lake.products()}
    assert places == {"a", "b"}


def test_new_file_in_an_old_place_is_a_product_of_its_own(lake: Service, tmp_path: Path) -> None:
    path = own(tmp_path / "a")
    lake.ingest([path])
    (tmp_path / "b").mkdir()
    path.rename(tmp_path / "b" / path.name)
    assert actions(lake, tmp_path / "b") == [Action.MOVED]
    assert actions(lake, own(tmp_path / "a", factor=3)) == [Action.INGESTED]
    rows = lake.products()
    assert len({row["uri"] for row in rows}) == 2
    for row in rows:
        with lake.retrieve(uri=row["uri"]) as retrieved:
            assert retrieved.answer.columns
    assert actions(lake, tmp_path / "a", tmp_path / "b") == [Action.UNCHANGED] * 2


def test_damaged_file_is_healed_by_a_good_one(lake: Service, x1d: Path, tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    good = Path(shutil.copy(x1d, tmp_path / "good"))
    lake.ingest([x1d])
    x1d.write_bytes(x1d.read_bytes()[:-1] + b"!")
    assert actions(lake, good) == [Action.MOVED]
    assert lake.products()[0]["location"] == str(good)


def test_damaged_copy_is_healed(lake: Service, api: TestClient, x1d: Path) -> None:
    lake.ingest([x1d], copy=True)
    copy = copies(lake)[0]
    copy.write_bytes(copy.read_bytes()[:3000])
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 409
    assert actions(lake, x1d, copy=True) == [Action.MOVED]
    assert api.get(f"{API}/retrieve?filename={x1d.name}").status_code == 200


def test_copies_in_an_ingested_folder_are_passed_over(x1d: Path) -> None:
    service = Service(Settings(lake=x1d.parent / "lake"), create=True)
    assert actions(service, x1d.parent, copy=True) == [Action.INGESTED]
    assert actions(service, x1d.parent, copy=True) == [Action.UNCHANGED]
    service.close()


def test_odd_names_are_refused(lake: Service, x1d: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"odd\xff.fits")
    odd.write_bytes(b"")
    words = [str(odd), "x" * 300, "~nobody-of-that-name/x.fits", str(x1d)]
    summary = lake.ingest(words)
    assert [o.action for o in summary.outcomes].count(Action.REFUSED) == 3
    assert summary.count(Action.INGESTED) == 1


def test_odd_keywords_do_no_harm(lake: Service, x1d: Path) -> None:
    with fits.open(x1d, mode="update") as hdus:
        header = hdus["EXTRACT1D"].header
        header["SLTNAME"], header["SPORDER"], header["SOURCEID"] = 5, "1", "abc"
        header["SRCTYPE"], header["INT_NUM"] = True, "3"
    assert actions(lake, x1d) == [Action.INGESTED]
    data = {c.name: c.read()[0] for c in lake.derived(file_name=x1d.name).columns}
    assert data["slit"] == "5"
    assert data["order"] is None


def test_columns_of_any_case_and_of_other_forms(lake: Service, x1d: Path) -> None:
    with fits.open(x1d) as hdus:
        table = hdus["EXTRACT1D"]
        n = len(table.data)
        columns = [
            fits.Column(c.name.lower(), c.format, c.unit, array=table.data[c.name])
            for c in table.columns
            if c.name != "DQ"
        ]
        columns.insert(1, fits.Column("flag", "L", array=[True] * n))
        columns.insert(2, fits.Column("bits", "11X", array=[[True] * 11] * n))
        flux = table.data["FLUX"].copy()
        hdus["EXTRACT1D"] = fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")
        hdus.writeto(x1d, overwrite=True)
    assert actions(lake, x1d) == [Action.INGESTED]
    with lake.retrieve(file_name=x1d.name) as retrieved:
        got = {c.name: c.read() for c in retrieved.answer.columns}
    assert got["flux"].tobytes() == flux.astype("f8").tobytes()
    assert "flag" not in got


def test_empty_table_between_others_keeps_its_number(
    lake: Service, api: TestClient, tmp_path: Path
) -> None:
    path = write_layout(BY_KEY["x1d-wfss-hdus"], tmp_path)
    with fits.open(path) as hdus:
        second = hdus["EXTRACT1D", 2]
        hdus["EXTRACT1D", 2] = fits.BinTableHDU(second.data[:0], second.header, uint=True)
        hdus.writeto(path, overwrite=True)
    assert actions(lake, path) == [Action.INGESTED]
    results = api.get(f"{API}/search?columns=spectrum,flux&limit=1000").json()["results"]
    answer = api.get(f"{API}/retrieve?filename={path.name}").json()
    assert {r["spectrum"] for r in results} == {0, 2} == set(answer["data"]["spectrum"])
    assert [s["nPixels"] > 0 for s in answer["spectra"]] == [True, False, True]
    derived = api.get(f"{API}/retrieve/derived?filename={path.name}&spectrum=2").json()
    assert derived["data"]["nPixels"] == [answer["spectra"][2]["nPixels"]]


def test_no_array_is_lost_to_another_of_its_name(lake: Service, x1d: Path) -> None:
    with fits.open(x1d) as hdus:
        table = hdus["EXTRACT1D"]
        extra = fits.Column("ERROR", "D", array=np.arange(len(table.data)) + 0.5)
        hdus["EXTRACT1D"] = fits.BinTableHDU.from_columns(
            [*table.columns, extra], header=table.header, name="EXTRACT1D"
        )
        hdus.writeto(x1d, overwrite=True)
    lake.ingest([x1d])
    with lake.retrieve(file_name=x1d.name) as retrieved:
        columns = {column.name: column for column in retrieved.answer.columns}
    assert columns["fluxErr"].fits_ext == "FLUX_ERROR"
    assert columns["fluxErr2"].fits_ext == "ERROR"


def test_worker_that_dies_costs_only_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_layout(BY_KEY["x1d-mos"], tmp_path)
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(12):
        shutil.copy(source, folder / f"jw01234-o001_s{i:09d}_nirspec_f290lp-g395m_x1d.fits")
    deadly = folder / "jw01234-o001_s000000005_nirspec_f290lp-g395m_x1d.fits"
    monkeypatch.setattr("spectraldb.ingest.plan.BATCH_FILES", 4)
    monkeypatch.setattr("spectraldb.ingest.run.ingest_batch", partial(die_of, str(deadly)))
    service = Service(Settings(lake=tmp_path / "lake", workers=2), create=True)
    summary = service.ingest([folder])
    assert summary.count(Action.INGESTED) == 11
    assert [(Path(o.location), o.reason.split(";")[0]) for o in summary.refused] == [
        (deadly, "the process that read it died")
    ]
    assert service.search([("group", "True")]).rows.num_rows == 11
    service.close()


def die_of(
    deadly: str, store: Store, copy: bool, tasks: list[IngestTask], cancel: Cancellation
) -> BatchResult:
    if any(task.source.location == deadly for task in tasks):
        os._exit(9)
    return ingest_batch(store, copy, tasks, cancel)


def test_full_disk_is_no_fault_of_a_file(
    lake: Service, x1d: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
    with pytest.raises(LakeError, match="No space left on device"):
        lake.ingest([x1d])
    assert not list(lake.lake.folder.rglob("*.parquet*"))


def test_every_layout_has_its_metadata(layouts: Service) -> None:
    rows = {row["fileName"]: row for row in layouts.products()}
    for layout in LAYOUTS:
        row = rows[layout.file_name]
        assert row["fluxUnit"] == layout.flux_unit, layout.key
        assert row["productType"] == layout.product_type
        assert row["program"] == "01234"
