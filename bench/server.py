"""A server in a separate process, which is always stopped at the end."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bench import memory
from tests.support.ports import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent
START_S = 60


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of Spectral DB."""
    return {k: v for k, v in os.environ.items() if not k.startswith("SPECTRALDB_")}


class Server:
    """A server started with `python -m ARGUMENTS...`, in which `{port}` stands for its port."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self.port = free_port()
        self._log = log
        self._command = [sys.executable, "-m", *(a.format(port=self.port) for a in arguments)]

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=ROOT, env=clean_environment()
            )
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        """Process ID."""
        return self._process.pid

    def _wait(self) -> None:
        """Wait until the server listens and stable memory shows that its imports are done."""
        end = time.monotonic() + START_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The server did not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.05)
        before = None
        while (now := memory.resident(self.pid)) != before and time.monotonic() < end:
            before = now
            time.sleep(1)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def spectral_db(lake: Path, *options: str) -> Server:
    """Return a server of Spectral DB that is not started yet."""
    log = lake.with_name("spectraldb.log")
    return Server(
        log,
        "spectraldb",
        "serve",
        "--lake",
        str(lake),
        "--host",
        HOST,
        "--port",
        "{port}",
        *options,
    )


def rival(folder: Path) -> Server:
    """Return a rival server that is not started yet."""
    return Server(folder.with_name("rival.log"), "bench.rival", str(folder), "{port}")
