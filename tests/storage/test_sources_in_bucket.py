"""Ingest and retrieval of files that stay in buckets."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from spectraldb.errors import FileChangedError, FileGoneError, LakeError
from spectraldb.ingest.outcome import Action
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.s3 import Bucket
from spectraldb.storage.source import ObjectSource, shared_bucket
from tests.ingest.products import scale_fluxes
from tests.support.layouts import write_layout
from tests.support.machines import BY_KEY, Machines, count_products, write_products
from tests.support.seaweed import Seaweed


def upload(bucket: Bucket, paths: list[Path], folder: str = "") -> None:
    for path in paths:
        bucket.upload(path, folder + path.name)


def test_files_of_a_bucket_stay_where_they_are(
    machines: Machines, bucket: Bucket, tmp_path: Path
) -> None:
    paths = write_products(tmp_path, 4)
    upload(bucket, paths[:2], "deep/er/")
    upload(bucket, paths[2:])
    (tmp_path / "notes.txt").write_text("no product")
    bucket.upload(tmp_path / "notes.txt", "notes.txt")
    writer = machines.new(create=True)
    assert writer.ingest([f"{bucket.uri}/*00002_*.fits"]).count(Action.INGESTED) == 1
    assert writer.ingest([f"{bucket.uri}/{paths[3].name}"]).count(Action.INGESTED) == 1
    summary = writer.ingest([bucket.uri])
    assert (summary.count(Action.INGESTED), summary.count(Action.UNCHANGED)) == (2, 2)
    other = machines.new()
    assert count_products(other) == 4
    for path in paths:
        assert other.file(file_name=path.name)[0].read_bytes() == path.read_bytes()


def test_an_unchanged_object_is_not_read_again(
    machines: Machines, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(bucket, write_products(tmp_path, 2))
    service = machines.new(create=True)
    service.ingest([bucket.uri])
    # Otherwise it is read again, because a time in whole seconds could hide a later write.
    monkeypatch.setattr("spectraldb.ingest.worker.SETTLED_SECONDS", -10.0)
    monkeypatch.setattr(ObjectSource, "localized", lambda *_: pytest.fail("it was read"))
    assert service.ingest([bucket.uri]).count(Action.UNCHANGED) == 2


def test_an_object_that_changes(machines: Machines, bucket: Bucket, tmp_path: Path) -> None:
    name = "own_x1d.fits"
    bucket.upload(write_layout(BY_KEY["x1d-mos"], tmp_path), name)
    service = machines.new(create=True)
    (outcome,) = service.ingest([f"{bucket.uri}/{name}"]).outcomes
    assert outcome.uri.startswith("local:")
    before = service.file(outcome.uri)[0].read_bytes()
    bucket.upload(write_layout(BY_KEY["x1d-mrs"], tmp_path), name)
    with pytest.raises(FileChangedError, match="ingest"):
        service.retrieve(outcome.uri)
    (again,) = service.ingest([f"{bucket.uri}/{name}"]).outcomes
    assert (again.action, again.uri) == (Action.REPLACED, outcome.uri)
    assert service.file(outcome.uri)[0].read_bytes() != before
    bucket.delete([name])
    with pytest.raises(FileGoneError):
        service.retrieve(outcome.uri)
    missing = service.ingest([f"{bucket.uri}/{name}"]).refused
    assert [each.reason for each in missing] == ["The file does not exist."]


def test_files_of_a_bucket_in_a_lake_of_a_folder(
    seaweed: Seaweed, bucket: Bucket, tmp_path: Path
) -> None:
    paths = write_products(tmp_path, 2)
    upload(bucket, paths)
    settings = Settings(
        lake=tmp_path / "lake", cache=tmp_path / "cache", s3_endpoint=seaweed.endpoint
    )
    with closing(Service(settings, create=True)) as service:
        service.ingest([bucket.uri], copy=True)
        bucket.delete([path.name for path in paths])
        assert service.file(file_name=paths[0].name)[0].read_bytes() == paths[0].read_bytes()


def test_an_object_that_cannot_be_reached_does_not_count_as_moved(
    seaweed: Seaweed, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (level3,) = write_products(tmp_path, 1)
    own = Path(shutil.copy(level3, tmp_path / "own_x1d.fits"))
    scale_fluxes(own)  # other bytes, or it would be a duplicate
    upload(bucket, [level3, own])
    settings = Settings(
        lake=tmp_path / "lake", cache=tmp_path / "cache", s3_endpoint=seaweed.endpoint
    )
    with closing(Service(settings, create=True)) as service:
        service.ingest([bucket.uri])
        before = service.products()
        with monkeypatch.context() as patch:
            patch.setenv("AWS_SECRET_ACCESS_KEY", "another")
            shared_bucket.cache_clear()
            refused = service.ingest([level3, own]).refused
        assert len(refused) == 2
        assert all("403 Forbidden" in outcome.reason for outcome in refused)
        assert service.products() == before
        shared_bucket.cache_clear()
        bucket.delete([level3.name, own.name])
        assert service.ingest([level3, own]).count(Action.MOVED) == 2


def test_a_bucket_that_does_not_exist(machines: Machines) -> None:
    with pytest.raises(LakeError, match="The specified bucket does not exist"):
        machines.new(create=True).ingest(["s3://there-is-none/files"])
