"""A store that fails during an operation, and recovers."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.errors import LakeError
from spectraldb.ingest.outcome import Action
from spectraldb.service.service import Service
from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.s3 import Bucket
from tests.support.machines import ALL, count_products, write_products
from tests.support.seaweed import KEYS, Seaweed


@pytest.fixture
def killable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seaweed]:
    """Yield a store that the test may kill; requests to it time out quickly."""
    monkeypatch.setattr("spectraldb.storage.access.RETRY_SECONDS", 2)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    store = Seaweed(tmp_path / "seaweed")
    store.start()
    yield store
    store.kill()


def test_killed_in_the_middle_of_an_ingest(
    killable: Seaweed, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    paths = write_products(tmp_path, 40)
    settings = killable.settings(tmp_path_factory, workers=1)
    done = threading.Event()

    def kill_after_the_first_batch() -> None:
        done.wait()
        killable.kill()

    with closing(Service(settings, create=True)) as service, pytest.MonkeyPatch.context() as patch:
        patch.setattr("spectraldb.ingest.plan.BATCH_FILES", 4)
        killer = threading.Thread(target=kill_after_the_first_batch)
        killer.start()
        with pytest.raises(LakeError, match="The lake cannot be written"):
            service.ingest(paths, report=lambda _: done.set())
        killer.join()
    killable.start()
    with closing(Service(killable.settings(tmp_path_factory))) as service:
        committed = count_products(service)
        assert 4 <= committed < 40
        summary = service.ingest(paths)
        assert summary.count(Action.UNCHANGED) == committed
        assert count_products(service) == 40


def test_killed_in_the_middle_of_a_search(
    killable: Seaweed,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(Service(killable.settings(tmp_path_factory), create=True)) as writer:
        writer.ingest(write_products(tmp_path, 3))
    monkeypatch.setattr(BucketStore, "stale_seconds", 0.0)
    download = Bucket.download

    def kill_then_download(*args: Any, **options: Any) -> None:
        killable.kill()
        download(*args, **options)

    with closing(Service(killable.settings(tmp_path_factory))) as service:
        client = TestClient(create_app(service), raise_server_exceptions=False)
        monkeypatch.setattr(Bucket, "download", kill_then_download)
        answer = client.get("/spectra/api/v0.1/search")
        assert answer.status_code == 503
        assert answer.json()["message"] == "The lake cannot be read. Try again later."
        assert client.get("/ready").status_code == 503
        monkeypatch.setattr(Bucket, "download", download)
        with pytest.raises(LakeError, match="The request failed"):
            service.search(ALL)
        killable.start()
        assert len(client.get("/spectra/api/v0.1/search").json()["results"])
        assert count_products(service) == 3
