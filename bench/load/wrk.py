"""Run wrk, a load generator (packaged by Debian and Homebrew), and read its results."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import HOST

MIX = Path(__file__).with_name("mix.lua")
PATIENCE = "60s"
"""Time after which a response counts as an error."""


@dataclass(frozen=True)
class Load:
    """Results of a run; latencies are in microseconds."""

    clients: int
    requests: int
    microseconds: int
    bytes: int
    median: int
    p99: int
    refused: int
    """Responses with a status other than 2xx or 3xx."""
    broken: int
    """Connections that failed or ended early."""
    late: int

    @property
    def per_second(self) -> float:
        """Responses per second."""
        return self.requests / self.microseconds * 1e6

    @property
    def errors(self) -> int:
        """Number of failed requests of all kinds."""
        return self.refused + self.broken + self.late


def ask(port: int, clients: int, seconds: int, products: int, seed: int) -> Load:
    """Run clients, each of which sends a request as soon as it has the previous response.

    Raises
    ------
    FileNotFoundError
        If wrk is not installed.
    """
    program = shutil.which("wrk")
    if program is None:
        raise FileNotFoundError(
            "The load test needs wrk. Install it with `apt-get install wrk` or `brew install wrk`."
        )
    command = [
        program,
        "-t1",
        f"-c{clients}",
        f"-d{seconds}s",
        "--timeout",
        PATIENCE,
        "-s",
        str(MIX),
        f"http://{HOST}:{port}/",
        "--",
        str(products),
        str(seed),
    ]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Load(clients=clients, **json.loads(output.strip().splitlines()[-1]))
