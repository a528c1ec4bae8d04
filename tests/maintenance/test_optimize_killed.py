"""A killed optimization leaves a consistent lake, and the next one continues."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from tests.maintenance.lakes import ALL, ingest_one_by_one


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.08, 0.15, 0.3])
def test_killed_at_any_point(
    lake: Service, files: list[Path], tmp_path: Path, delay: float
) -> None:
    ingest_one_by_one(lake, files[:6])
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
