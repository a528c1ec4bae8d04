"""The optimization of a lake, also during ingests and searches."""

import threading
from pathlib import Path

import filelock
import pytest
from deltalake import DeltaTable

from spectraldb.cancellation import Cancellation
from spectraldb.derive.rows import Totals, tabulate
from spectraldb.errors import LakeError, NotHeldError
from spectraldb.lake.data_files import RowWriter
from spectraldb.lake.layout import OPTIMIZE_LOCK, TABLES
from spectraldb.maintenance.optimize import OptimizeResult
from spectraldb.maintenance.progress import Step
from spectraldb.products.open import open_product
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from tests.maintenance.lakes import ALL, ingest_one_by_one, pixel_files


def test_merging_files_does_not_change_results(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files)
    before = lake.search(ALL).rows
    done = lake.optimize(grace=0)
    assert (done.merged_files, done.segments, done.dropped_rows, done.stopped) == (24, 1, 0, False)
    assert done.freed_bytes > 0
    assert len(pixel_files(lake)) == 1
    assert lake.search(ALL).rows.equals(before)
    assert lake.optimize(grace=0) == OptimizeResult()


def test_a_log_with_checkpoints(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files[:3])
    for table in TABLES:
        DeltaTable(lake.lake.store.uri(table.value)).create_checkpoint()
    before = lake.search(ALL).rows
    assert lake.optimize(grace=0).merged_files == 6
    assert lake.optimize(grace=0).freed_bytes == 0
    assert lake.search(ALL).rows.equals(before)


def test_replaced_rows_are_deleted_with_their_last_version(
    lake: Service, files: list[Path]
) -> None:
    ingest_one_by_one(lake, files[:3])
    first = lake.search(ALL)
    lake.remove([files[0].name])
    assert lake.optimize(grace=0, keep_days=7).dropped_rows == 0
    version = [("version", str(first.version))]
    assert lake.search(ALL + version).rows.equals(first.rows)
    removed = lake.search(ALL)
    done = lake.optimize(grace=0, keep_days=0)
    assert done.dropped_rows == len(first.rows) // 3 + 1  # its pixels and its spectrum
    assert lake.search(ALL).rows.equals(removed.rows)
    with pytest.raises(NotHeldError, match="no longer available"):
        lake.search(ALL + version)
    assert lake.info().oldest_version > first.version


def test_rows_of_an_ingest_in_progress_are_not_dropped(lake: Service, files: list[Path]) -> None:
    """Rows whose products are not committed yet stay for a grace period."""
    ingest_one_by_one(lake, files[:2])
    before = lake.search(ALL).rows
    with RowWriter(lake.lake.store) as writer:
        with open_product(files[2]) as product:
            for rows in tabulate(product, 77, Totals()):
                writer.write(rows, "x1d")
        written = writer.close()
    lake.lake.commit(written, [])
    assert lake.optimize().dropped_rows == 0
    assert lake.search(ALL).rows.equals(before)
    assert lake.optimize(grace=0).dropped_rows == len(before) // 2 + 1
    assert lake.search(ALL).rows.equals(before)


def test_cancelled_and_resumed(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files[:4])
    before = lake.search(ALL).rows
    polls = []

    def requested() -> bool:
        polls.append(True)
        return len(polls) == 2

    done = lake.optimize(grace=0, cancel=Cancellation(requested))
    assert done.stopped
    assert lake.search(ALL).rows.equals(before)
    rest = lake.optimize(grace=0)
    assert not rest.stopped
    assert lake.search(ALL).rows.equals(before)
    current = {file.path for file in lake.lake.table_files(Table.PIXEL)}
    assert {f"{p.parent.name}/{p.name}" for p in pixel_files(lake)} == current


def test_steps_are_reported(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files[:3])
    steps: list[Step] = []
    lake.optimize(report=steps.append)
    for name in {step.name for step in steps}:
        of_name = [step for step in steps if step.name == name]
        assert sum(step.rows for step in of_name) == of_name[0].total


def test_only_one_process_optimizes(lake: Service, files: list[Path]) -> None:
    lake.ingest(files[:1])
    with (
        filelock.FileLock(lake.lake.folder / OPTIMIZE_LOCK),
        pytest.raises(LakeError, match="Another process"),
    ):
        lake.optimize()


def test_optimize_during_ingest_and_searches(lake: Service, files: list[Path]) -> None:
    """Searches during ingests and merges see complete products, and finally all of them."""
    ingest_one_by_one(lake, files[:3])
    pixels = len(lake.search(ALL).rows) // 3
    failures: list[str] = []
    ended = threading.Event()

    def search() -> None:
        other = Service(lake.settings)
        while not ended.is_set():
            rows = other.search(ALL).rows
            if len(rows) % pixels or len(rows) < 3 * pixels:
                failures.append(f"{len(rows)} pixels")
            counts = other.search([("group", "True"), ("columns", "nStored")]).rows.to_pylist()
            failures.extend(str(row) for row in counts if row["matched"] != row["nStored"])
        other.close()

    def ingest() -> None:
        other = Service(lake.settings)
        ingest_one_by_one(other, files[3:])
        other.close()

    threads = [threading.Thread(target=search), threading.Thread(target=ingest)]
    for thread in threads:
        thread.start()
    while threads[1].is_alive():
        lake.optimize()
    threads[1].join()
    lake.optimize()
    ended.set()
    threads[0].join()
    assert not failures
    assert len(lake.search(ALL).rows) == len(files) * pixels


def test_an_empty_lake(lake: Service) -> None:
    assert lake.optimize() == OptimizeResult()
    assert lake.info().type_rows() == []
