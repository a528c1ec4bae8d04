"""Processes end without a report of leaked objects by DuckDB."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from spectraldb.service.service import Service

HALF_READ = """
import sys
from spectraldb import SpectralDB
batches = SpectralDB(sys.argv[1], progress=False).search(product="all").batches()
print(len(next(batches)))
"""


def test_a_script_that_leaves_a_result_half_read(layouts: Service) -> None:
    command = [sys.executable, "-c", HALF_READ, str(layouts.lake.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert int(done.stdout) > 0
    assert done.stderr == ""


def test_a_server_that_is_stopped_at_once(lake: Service) -> None:
    folder: Path = lake.lake.folder
    process = subprocess.Popen(
        [sys.executable, "-m", "spectraldb", "serve", "--port", "0", "--lake", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout
    while "running at" not in (line := process.stdout.readline()):
        assert line, "the server ended"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors
    assert "leaked" not in errors
