"""Ingests killed at any point: the lake stays readable, and each product is complete or absent."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.layouts import LAYOUTS, write_layout

N_FILES = 40
LAYOUT = next(layout for layout in LAYOUTS if layout.key == "x1d-mos")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    source = write_layout(LAYOUT, tmp_path)
    folder = tmp_path / "files"
    folder.mkdir()
    for i in range(N_FILES):
        shutil.copy(source, folder / f"jw01234-o001_s{i:09d}_nirspec_f290lp-g395m_x1d.fits")
    return folder


def ingest(folder: Path, lake: Path) -> subprocess.Popen[bytes]:
    # Small batches and a slow disk, so that there are many points at which to kill it.
    program = (
        "import sys, time; import spectraldb.ingest.plan as plan; plan.BATCH_FILES = 3;"
        "import spectraldb.lake.lake as lake; write = lake._write;"
        "lake._write = lambda *a: (time.sleep(0.02), write(*a), time.sleep(0.02))[1];"
        "from spectraldb.service.service import Service; from spectraldb.settings import Settings;"
        "s = Service(Settings(lake=sys.argv[1], workers=1), create=True);"
        "print('ready', flush=True); s.ingest([sys.argv[2]])"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, str(lake), str(folder)],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def assert_whole(lake: Path) -> int:
    """Check every product of a lake, and return their number."""
    service = Service(Settings(lake=lake))
    products = service.products()
    answer = service.search([("group", "True"), ("columns", "nStored")])
    assert answer.rows.num_rows == len(products)
    for row in answer.rows.to_pylist():
        assert row["matched"] == row["nStored"]
    for row in products:
        assert service.derived(uri=row["uri"]).columns[0].shape == (1,)
    service.close()
    return len(products)


def test_kill_at_any_point(files: Path, tmp_path: Path) -> None:
    counts = []
    for delay in (0.0, 0.05, 0.15, 0.3, 0.5, 0.8):
        lake = tmp_path / f"lake{delay}"
        process = ingest(files, lake)
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        counts.append(assert_whole(lake))
        again = Service(Settings(lake=lake), create=True)
        again.ingest([files])
        again.close()
        assert assert_whole(lake) == N_FILES
    assert any(0 < count < N_FILES for count in counts), counts


def test_workers_end_with_their_parent(files: Path, tmp_path: Path) -> None:
    program = (
        "import sys; import spectraldb.ingest.plan as plan; plan.BATCH_FILES = 1;"
        "from spectraldb.service.service import Service; from spectraldb.settings import Settings\n"
        "if __name__ == '__main__':\n"
        "    s = Service(Settings(lake=sys.argv[1], workers=2), create=True)\n"
        "    s.ingest([sys.argv[2]], report=lambda _: print('ingested', flush=True))\n"
    )
    script = tmp_path / "ingest.py"
    script.write_text(program)
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "lake"), str(files)],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == b"ingested\n"
    process.kill()
    process.wait()
    process.stdout.close()
    for _ in range(100):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        os.killpg(process.pid, signal.SIGKILL)
        pytest.fail("the workers are still running")
    assert assert_whole(tmp_path / "lake") > 0


def test_an_interrupt_keeps_committed_products(files: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    process = subprocess.Popen(
        [sys.executable, "-m", "spectraldb", "ingest", str(files), "--lake", str(lake)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    process.stdout.readline()  # the first file is committed
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert b"Traceback" not in errors
    if process.returncode == 130:
        assert b"Interrupted" in output
    assert assert_whole(lake) > 0


@pytest.mark.parametrize("n_polls", [0, 1, 3, 6, 9])
def test_a_cancellation_within_a_file_leaves_nothing_behind(tmp_path: Path, n_polls: int) -> None:
    """Cancelled at the start, during the checksum, and between blocks."""
    cube = next(layout for layout in LAYOUTS if layout.key == "s3d-linear")
    path = write_layout(cube, tmp_path)
    service = Service(Settings(lake=tmp_path / "lake", workers=1), create=True)
    polls = iter(range(n_polls))
    summary = service.ingest([path], cancel=Cancellation(lambda: next(polls, None) is None))
    if summary.stopped:
        assert not service.products()
        assert not list((tmp_path / "lake").rglob("*.parquet*"))
    assert not service.ingest([path]).stopped
    service.close()
    assert len(list((tmp_path / "lake" / "SpectralPixel").rglob("*.parquet"))) == 1


def test_workers_stop_within_a_file(files: Path, tmp_path: Path) -> None:
    """Both workers are reading files, which would take minutes."""
    lake = tmp_path / "lake"
    program = (
        "import sys, time\n"
        "import spectraldb.ingest.plan as plan, spectraldb.ingest.worker as worker\n"
        "plan.BATCH_FILES = 20\n"
        "product_row = worker.product_row\n"
        "worker.product_row = lambda *a: (time.sleep(3), product_row(*a))[1]\n"
        "from spectraldb.cli import app\n"
        "if __name__ == '__main__':\n"
        "    app(['ingest', sys.argv[1], '--lake', sys.argv[2], '--workers', '2'])\n"
    )
    script = tmp_path / "slow.py"
    script.write_text(program)
    process = subprocess.Popen(
        [sys.executable, str(script), str(files), str(lake)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not list(lake.rglob("productType=*/*.parquet*")) and process.poll() is None:
        time.sleep(0.1)
    time.sleep(0.5)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert time.monotonic() - started < 20
    assert (process.returncode, b"Interrupted" in output, errors) == (130, True, b"")
    assert not list(lake.rglob("productType=*/*.parquet*"))
    assert assert_whole(lake) == 0


def _ingest(folder: str, lake: str) -> None:
    service = Service(Settings(lake=Path(lake), workers=1), create=True)
    assert not service.ingest([folder]).refused
    service.close()


def test_two_ingests_and_a_server_at_once(files: Path, tmp_path: Path) -> None:
    """Both ingest the same files: each product is stored once, and no search sees part of one."""
    lake = tmp_path / "lake"
    reader = Service(Settings(lake=lake), create=True)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_ingest, args=(str(files), str(lake))) for _ in range(2)]
    stop, failures, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            answer = reader.search([("group", "True"), ("columns", "nStored,uri")])
            rows = answer.rows.to_pylist()
            seen.add(len(rows))
            if any(row["matched"] != row["nStored"] for row in rows):
                failures.append(rows)
            if len({row["uri"] for row in rows}) != len(rows):
                failures.append(rows)

    thread = threading.Thread(target=read)
    thread.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    thread.join()
    reader.close()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert not failures
    assert len(seen) > 1
    assert assert_whole(lake) == N_FILES


def test_many_threads_search_during_an_ingest(files: Path, tmp_path: Path) -> None:
    service = Service(Settings(lake=tmp_path / "lake", workers=1), create=True)
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(15):
                service.search([("wavelength.gt", "0"), ("columns", "derSnr,uri")])
                service.products()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must see it
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    service.ingest([files])
    for thread in threads:
        thread.join()
    assert not errors
    service.close()
