"""wrk, a load generator (Debian and Homebrew have it), and what it tells."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import HOST

MIX = Path(__file__).with_name("mix.lua")
PATIENCE = "60s"
"""After how long an answer counts as one that did not come."""


@dataclass(frozen=True)
class Load:
    """What some clients got in some seconds; latencies are in microseconds."""

    clients: int
    requests: int
    microseconds: int
    bytes: int
    median: int
    p99: int
    refused: int
    """Answers with another status than 2xx or 3xx."""
    broken: int
    """Connections that were not made, or ended early."""
    late: int

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.requests / self.microseconds * 1e6

    @property
    def errors(self) -> int:
        """What went wrong."""
        return self.refused + self.broken + self.late


def ask(port: int, clients: int, seconds: int, products: int, seed: int) -> Load:
    """Have so many clients ask for so many seconds, each anew as soon as it has its answer.

    Raises
    ------
    FileNotFoundError
        If there is no wrk.
    """
    program = shutil.which("wrk")
    if program is None:
        raise FileNotFoundError("the load test needs wrk: apt-get install wrk, brew install wrk")
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
