"""Machines that write, search and optimize one lake in a bucket."""

import multiprocessing
import time
from contextlib import closing
from pathlib import Path

import pytest

from spectraldb.errors import LakeError, NotHeldError
from spectraldb.lake.layout import OPTIMIZE_LOCK
from spectraldb.maintenance.progress import Step
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.bucket_lock import bucket_lock
from spectraldb.storage.bucket_store import STALE_SECONDS
from spectraldb.storage.temporary import create_temporary
from tests.support.machines import ALL, Machines, count_products, write_products


def _ingest(settings: Settings, paths: list[Path]) -> None:
    with closing(Service(settings, create=True)) as service:
        assert not service.ingest(paths).refused


def test_writers_on_several_machines(machines: Machines, tmp_path: Path) -> None:
    paths = write_products(tmp_path, 24)
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_ingest, args=(machines.settings(workers=1), paths[i::4]))
        for i in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert count_products(machines.new()) == 24


def test_another_machine_sees_commits(machines: Machines, tmp_path: Path) -> None:
    writer = machines.new(create=True)
    reader = machines.new()
    assert count_products(reader) == 0
    paths = write_products(tmp_path, 3)
    for count, path in enumerate(paths, 1):
        writer.ingest([path])
        time.sleep(STALE_SECONDS + 0.1)
        assert count_products(reader) == count
    before = reader.search(ALL).version
    writer.optimize(grace=0)
    writer.remove([paths[0].name])
    time.sleep(STALE_SECONDS + 0.1)
    assert count_products(reader) == 2
    assert reader.search([*ALL, ("version", str(before)), ("group", "True")]).rows.num_rows == 3
    writer.optimize(grace=0, keep_days=0)
    with pytest.raises(NotHeldError, match="no longer available"):
        machines.new().search([*ALL, ("version", "1")])
    assert count_products(machines.new()) == 2


def test_one_machine_at_a_time_optimizes(machines: Machines) -> None:
    service = machines.new(create=True)
    busy = pytest.raises(LakeError, match="Another process is optimizing this lake")
    with bucket_lock(machines.bucket, OPTIMIZE_LOCK), busy:
        service.optimize()
    service.optimize()
    assert not machines.bucket.exists(OPTIMIZE_LOCK)


def test_the_lock_of_a_machine_that_died(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = machines.new(create=True)
    machines.bucket.create(OPTIMIZE_LOCK, b"dead 1")
    monkeypatch.setattr("spectraldb.storage.bucket_lock.EXPIRY_SECONDS", -5.0)
    service.optimize()


def test_optimize_stops_after_another_machine_took_over(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = machines.new(create=True)
    for path in write_products(tmp_path, 2):
        service.ingest([path])

    def take_over(_: Step) -> None:
        monkeypatch.setattr("spectraldb.storage.bucket_lock.HEARTBEAT_SECONDS", -1.0)
        machines.bucket.delete([OPTIMIZE_LOCK])
        machines.bucket.create(OPTIMIZE_LOCK, b"another")

    with pytest.raises(LakeError, match="Another process took over"):
        service.optimize(report=take_over)
    assert machines.bucket.get(OPTIMIZE_LOCK) == b"another"
    assert count_products(service) == 2


def test_files_of_a_writer_that_died_are_deleted(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = machines.new(create=True)
    service.ingest(write_products(tmp_path, 1))
    left = service.lake.folder / "SpectralPixel" / "productType=x1d" / "abc.parquet"
    temporary = create_temporary(left)
    temporary.write_bytes(b"1234")
    service.lake.store.put(temporary, left)
    assert service.optimize(grace=0).freed_bytes == 0
    monkeypatch.setattr("spectraldb.maintenance.vacuum.ABANDONED_SECONDS", -5.0)
    assert service.optimize(grace=0).freed_bytes == 4
    assert not left.exists()
    assert count_products(machines.new()) == 1
