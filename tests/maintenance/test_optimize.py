"""Putting a lake in order: what it does, and what goes on beside it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import filelock
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from spectraldb.cancellation import Cancellation
from spectraldb.derive.rows import Totals, tabulate
from spectraldb.errors import LakeError, NotHeldError
from spectraldb.lake.data_files import RowWriter
from spectraldb.lake.layout import OPTIMIZE_LOCK, SEGMENTS, SORTED_COPIES, TABLES
from spectraldb.lake.table_files import TableFile
from spectraldb.maintenance import merge_plan, orphans
from spectraldb.maintenance.progress import Step
from spectraldb.maintenance.sorted_copies import BINS_PER_E_FOLD
from spectraldb.products.open import open_product
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.layouts import LAYOUTS, write_layout

LAYOUT = next(layout for layout in LAYOUTS if layout.key == "x1d-mos")
ALL = [("product", "all"), ("limit", "100000")]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Give a few files of one small product each."""
    source = write_layout(LAYOUT, tmp_path)
    folder = tmp_path / "files"
    folder.mkdir()
    names = [f"jw01234-o001_s{i:09d}_nirspec_f290lp-g395m_x1d.fits" for i in range(12)]
    return [Path(shutil.copy(source, folder / name)) for name in names]


def one_by_one(lake: Service, files: list[Path]) -> None:
    for file in files:
        lake.ingest([file])


def data_files(lake: Service) -> list[Path]:
    return sorted((lake.lake.folder / Table.PIXEL.value).rglob("*.parquet"))


def test_files_are_merged_and_answers_stay(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files)
    before = lake.search(ALL).rows
    done = lake.optimize(grace=0)
    assert (done.merged_files, done.segments, done.dropped_rows, done.stopped) == (24, 1, 0, False)
    assert done.freed_bytes > 0
    assert len(data_files(lake)) == 1
    assert lake.search(ALL).rows.equals(before)
    again = lake.optimize(grace=0)
    assert (again.merged_files, again.segments, again.dropped_rows, again.freed_bytes) == (
        0,
        0,
        0,
        0,
    )


def test_files_that_searches_may_read_are_kept(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files[:3])
    assert lake.optimize().freed_bytes == 0
    assert len(data_files(lake)) == 4
    lake.optimize(grace=0)
    assert len(data_files(lake)) == 1


def test_a_log_with_checkpoints(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files[:3])
    for table in TABLES:
        DeltaTable(lake.lake.store.uri(table.value)).create_checkpoint()
    before = lake.search(ALL).rows
    assert lake.optimize(grace=0).merged_files == 6
    assert lake.optimize(grace=0).freed_bytes == 0
    assert lake.search(ALL).rows.equals(before)


def test_replaced_rows_go_with_the_last_version_that_has_them(
    lake: Service, files: list[Path]
) -> None:
    one_by_one(lake, files[:3])
    first = lake.search(ALL)
    lake.remove([files[0].name])
    assert lake.optimize(grace=0, keep_days=7).dropped_rows == 0
    version = [("version", str(first.version))]
    assert lake.search(ALL + version).rows.equals(first.rows)
    removed = lake.search(ALL)
    done = lake.optimize(grace=0, keep_days=0)
    assert done.dropped_rows == len(first.rows) // 3 + 1  # its pixels, and its spectrum
    assert lake.search(ALL).rows.equals(removed.rows)
    with pytest.raises(NotHeldError, match="has no version"):
        lake.search(ALL + version)
    assert lake.info().oldest_version > first.version


def test_rows_on_their_way_are_not_dropped(lake: Service, files: list[Path]) -> None:
    """Rows of an ingest whose product row is not committed yet are left alone, for a while."""
    one_by_one(lake, files[:2])
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


def test_what_broken_off_work_left_is_deleted_after_a_day(lake: Service, files: list[Path]) -> None:
    lake.ingest(files[:1])
    lake.optimize(grace=0)
    place = lake.lake.folder
    left = [
        place / Table.PIXEL.value / "productType=x1d" / "abc.parquet",
        place / Table.PIXEL.value / "productType=x1d" / "abc.parquet.partial-1",
        place / SEGMENTS / "abc.partial-1" / "flux.npy",
        place / SEGMENTS / "abc" / "flux.npy",
        place / "files" / "0123" / "x.fits.partial-1",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1234")
    lake.optimize(grace=0)
    assert [path.exists() for path in left] == [True] * 5
    for path in (*left, left[2].parent):
        os.utime(path, (time.time() - 90_000,) * 2)
    assert lake.optimize(grace=0).freed_bytes == 20
    assert not any(path.exists() for path in left)
    assert len(lake.search(ALL).rows)


def test_stopped_and_resumed(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files[:4])
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
    held = {file.path for file in lake.lake.table_files(Table.PIXEL)}
    assert {f"{p.parent.name}/{p.name}" for p in data_files(lake)} == held


def test_steps_are_told(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files[:3])
    steps: list[Step] = []
    lake.optimize(report=steps.append)
    for name in {step.name for step in steps}:
        of_name = [step for step in steps if step.name == name]
        assert sum(step.rows for step in of_name) == of_name[0].total


def test_only_one_at_a_time(lake: Service, files: list[Path]) -> None:
    lake.ingest(files[:1])
    with (
        filelock.FileLock(lake.lake.folder / OPTIMIZE_LOCK),
        pytest.raises(LakeError, match="another process"),
    ):
        lake.optimize()


def test_beside_ingest_and_searches(lake: Service, files: list[Path]) -> None:
    """Searches while files come and are merged see whole products, and at the end all."""
    one_by_one(lake, files[:3])
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
        one_by_one(other, files[3:])
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


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.08, 0.15, 0.3])
def test_killed_at_any_point(
    lake: Service, files: list[Path], tmp_path: Path, delay: float
) -> None:
    one_by_one(lake, files[:6])
    before = lake.search(ALL).rows
    program = (
        "import sys; from spectraldb.service.service import Service; "
        "from spectraldb.settings import Settings; s = Service(Settings(lake=sys.argv[1])); "
        "print('ready', flush=True); s.optimize(grace=0)"
    )
    command = [sys.executable, "-c", program, str(lake.lake.folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert lake.search(ALL).rows.equals(before)
    lake.optimize(grace=0)
    assert lake.search(ALL).rows.equals(before)
    assert len(lake.lake.table_files(Table.PIXEL)) == 1


def ordered_files(lake: Service) -> list[Path]:
    return sorted((lake.lake.folder / SORTED_COPIES).glob("*"))


def test_copies_by_wavelength_hold_the_same_pixels(lake: Service, real_folder: Path) -> None:
    lake.ingest([real_folder])
    done = lake.optimize(grace=0, by_wavelength=True)
    paths = {path.name: path for path in data_files(lake)}
    assert done.sorted_copies == len(paths) == len(ordered_files(lake))
    place = [("productId", "ascending"), ("spectrum", "ascending"), ("pixel", "ascending")]
    for copy in ordered_files(lake):
        found, original = pq.read_table(copy), pq.ParquetFile(paths[copy.name]).read()
        steps = np.floor(BINS_PER_E_FOLD * np.log(found["wavelength"].to_numpy()))
        assert np.all(np.diff(steps) >= 0)
        assert found.schema.equals(original.schema)
        assert found.sort_by(place).equals(original.sort_by(place))
    again = lake.optimize(grace=0, by_wavelength=True)
    assert (again.sorted_copies, again.freed_bytes) == (0, 0)
    assert lake.info().files.sorted_copy_bytes == sum(p.stat().st_size for p in ordered_files(lake))


def test_copies_go_with_their_files(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files[:2])
    lake.optimize(grace=0, by_wavelength=True)
    (first,) = ordered_files(lake)
    lake.ingest(files[2:4])
    lake.optimize(grace=0)
    assert ordered_files(lake) == []
    assert lake.optimize(grace=0, by_wavelength=True).sorted_copies == 1
    assert ordered_files(lake) != [first]


def test_a_copy_that_is_stopped_leaves_nothing(lake: Service, files: list[Path]) -> None:
    lake.ingest(files[:1])
    lake.optimize(grace=0)
    steps: list[str] = []
    done = lake.optimize(
        by_wavelength=True,
        report=lambda step: steps.append(step.name),
        cancel=Cancellation(lambda: bool(steps)),
    )
    assert (done.stopped, done.sorted_copies, steps) == (True, 0, ["ordering by wavelength"])
    assert ordered_files(lake) == []
    assert lake.optimize(by_wavelength=True).sorted_copies == 1


def test_no_room_to_order(files: list[Path], tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "small", memory_limit="1MB")
    with closing(Service(Settings(lake=settings.lake), create=True)) as lake:
        lake.ingest(files[:1])
    with closing(Service(settings)) as lake, pytest.raises(LakeError, match="SPECTRALDB_MEMORY_L"):
        lake.optimize(by_wavelength=True)
    assert list((tmp_path / "small" / SORTED_COPIES).glob("*")) == []


def held(
    name: str, rows: int, low: int, product_type: str = "x1d", high: int | None = None
) -> TableFile:
    return TableFile(name, product_type, rows, rows, low, high or low, 0.0)


def merged(some: list[TableFile], dead: dict[str, frozenset[int]]) -> list[list[str]]:
    groups = merge_plan.plan_merges(some, lambda file: dead.get(file.path, frozenset()))
    return [[file.path for file in group.files] for group in groups]


def test_small_files_are_merged_in_the_order_of_their_products() -> None:
    some = [held("a", 10, 3), held("b", 10, 1), held("c", 30, 2), held("d", 5, 9, "s3d")]
    assert merged(some, {}) == [["b", "c", "a"]]


def test_a_large_file_is_not_written_anew_for_few_rows() -> None:
    some = [held("a", 1_000_000, 1), held("b", 10, 2), held("c", 12, 3)]
    assert merged(some, {}) == [["b", "c"]]


def test_files_are_merged_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_plan, "MAX_ROWS", 100)
    some = [held(name, 40, low) for low, name in enumerate("abcde")]
    assert merged(some, {}) == [["a", "b"], ["c", "d"]]


def test_files_with_rows_that_nothing_sees_are_written_anew() -> None:
    some = [held("a", 1_000_000, 1), held("b", 10, 2)]
    assert merged(some, {"a": frozenset({8})}) == [["a", "b"]]
    assert merged(some[:1], {"a": frozenset({8})}) == [["a"]]


def suspected(*files: TableFile) -> list[str]:
    """Return the files that may hold other products than 1, 2, 5 and 6, of 10 pixels each."""
    kept = pa.table(
        {
            "productId": [5, 1, 2, 6, 3],
            "productType": [*["x1d"] * 4, "s3d"],
            "nStored": [10] * 5,
            "nSpectra": [1] * 5,
        }
    )
    return [file.path for file in orphans.files_with_orphans(files, kept, Table.PIXEL)]


def test_the_log_tells_which_files_may_hold_dead_rows() -> None:
    assert suspected(held("a", 20, 1, high=2), held("b", 20, 5, high=6)) == []
    assert suspected(held("a", 10, 1), held("b", 17, 2, high=6)) == ["b"]
    assert suspected(held("a", 10, 1), held("b", 20, 2, high=6), held("c", 10, 5)) == []
    assert suspected(held("a", 25, 1, high=2), held("b", 20, 5, high=6)) == ["a"]
    assert suspected(held("a", 25, 1, high=6), held("b", 20, 2, high=5)) == ["a", "b"]
    assert suspected(held("a", 20, 1, high=6), held("b", 20, 2, high=5)) == []
    assert suspected(held("a", 10, 3), held("b", 10, 3, "s3d"), held("c", 9, 4)) == ["a", "c"]
    assert suspected() == []


def test_info_tells_files_and_sizes(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files[:2])
    before = lake.info().as_dict()
    (x1d,) = lake.info().type_rows()
    counts = {"products": 2, "spectra": 2, "files": 4, "segments": 0}
    assert counts.items() <= x1d.items()
    assert lake.info().files.types["x1d"].bytes < lake.info().files.bytes
    assert before["segmentBytes"] == before["due"] == before["oldestVersion"] == 0
    lake.optimize(grace=0)
    after = lake.info().files
    assert (after.types["x1d"].files, after.types["x1d"].segments) == (2, 1)
    on_disk = sum(p.stat().st_size for p in lake.lake.folder.rglob("*") if p.is_file())
    assert after.bytes == on_disk > after.segment_bytes > 0


def test_a_lake_of_many_files_is_due(lake: Service, files: list[Path]) -> None:
    one_by_one(lake, files[:3])
    assert lake.pending_optimization() == 0
    source = files[0]
    more = [Path(shutil.copy(source, source.with_name(f"more{i}_x1d.fits"))) for i in range(14)]
    one_by_one(lake, more)
    assert lake.pending_optimization() == 17
    lake.optimize()
    assert lake.pending_optimization() == 0


def test_lake_without_anything(lake: Service) -> None:
    done = lake.optimize()
    assert (done.merged_files, done.segments, done.freed_bytes) == (0, 0, 0)
    assert lake.info().type_rows() == []
