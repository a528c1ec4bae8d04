"""The command `serve`."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVE = (sys.executable, "-m", "spectraldb", "serve")


@pytest.fixture(scope="module")
def server(filled_lake: Path) -> Iterator[str]:
    """Yield the address of a server on a port that the system selects."""
    process = subprocess.Popen(
        [*SERVE, "--port", "0", "--lake", str(filled_lake)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout
    while b"running at" not in (line := process.stdout.readline()):
        assert line, "the server ended"
    address = next(part for part in line.decode().split() if part.startswith("http://"))
    yield address.rstrip("/")
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=30)[0]
    assert b"Traceback" not in output


def test_serve(server: str) -> None:
    with urllib.request.urlopen(f"{server}/spectra/api/v0.1/search?limit=3") as response:
        answer = json.load(response)
    assert len(answer["results"]) == 3
    with urllib.request.urlopen(answer["next"]) as response:
        assert json.load(response)["status"] == 1
    request = urllib.request.Request(f"{server}/spectra/api/v0.1/search.csv", method="HEAD")
    with urllib.request.urlopen(request) as response:
        assert response.headers["content-type"].startswith("text/csv")
        assert response.read() == b""


def test_port_in_use(server: str, filled_lake: Path) -> None:
    port = server.rsplit(":", 1)[1]
    command = [*SERVE, "--port", port, "--lake", str(filled_lake)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: Cannot listen on 127.0.0.1, port {port}")
    assert "running at" not in result.stdout
