"""Ingests of many files by several processes, one of which may die."""

import os
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation
from spectraldb.ingest.inventory import IngestTask
from spectraldb.ingest.outcome import Action, Outcome
from spectraldb.ingest.worker import BatchResult, ingest_batch
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.store import Store
from tests.support.machines import write_products


def test_many_batches_go_through_processes(tmp_path: Path) -> None:
    folder = write_products(tmp_path, 70)[0].parent
    (folder / "text.fits").write_text("no FITS")
    service = Service(Settings(lake=tmp_path / "lake", workers=2), create=True)
    reported: list[Outcome] = []
    summary = service.ingest([folder], report=reported.append)
    assert summary.outcomes == reported
    assert Counter(outcome.action for outcome in reported) == {
        Action.INGESTED: 70,
        Action.REFUSED: 1,
    }
    assert len(service.products()) == 70
    assert service.search([("group", "True")]).rows.num_rows == 70
    service.close()


def test_worker_that_dies_loses_only_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write_products(tmp_path, 12)
    deadly = files[5]
    monkeypatch.setattr("spectraldb.ingest.plan.BATCH_FILES", 4)
    monkeypatch.setattr("spectraldb.ingest.run.ingest_batch", partial(die_of, str(deadly)))
    service = Service(Settings(lake=tmp_path / "lake", workers=2), create=True)
    summary = service.ingest(files)
    assert summary.count(Action.INGESTED) == 11
    assert [(Path(o.location), o.reason.split(",")[0]) for o in summary.refused] == [
        (deadly, "The process that read the file died")
    ]
    assert service.search([("group", "True")]).rows.num_rows == 11
    service.close()


def die_of(
    deadly: str, store: Store, copy: bool, tasks: list[IngestTask], cancel: Cancellation
) -> BatchResult:
    if any(task.source.location == deadly for task in tasks):
        os._exit(9)
    return ingest_batch(store, copy, tasks, cancel)
