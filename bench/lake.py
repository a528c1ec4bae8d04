"""Run commands and measure their time and memory."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import memory
from bench.server import ROOT, clean_environment

POLL_S = 0.05
_COUNT = re.compile(r"([\d,]+) pixels written")


@dataclass(frozen=True)
class Finished:
    """Measurements of a command that succeeded."""

    seconds: float
    peak: int
    """Sum of the peak memory of its processes, in bytes; 0 if the system does not report it."""
    pixels: int


def run(log: Path, *arguments: str) -> Finished:
    """Run `python -m ARGUMENTS...`, whose last line reports how many pixels it wrote."""
    peak, start = 0, time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdout=file,
            stderr=file,
            cwd=ROOT,
            env=clean_environment(),
        )
        try:
            while process.poll() is None:
                peak = max(peak, memory.tree_peak(process.pid))
                time.sleep(POLL_S)
        finally:
            process.kill()
            process.wait()
    seconds = time.perf_counter() - start
    text = log.read_text()
    found = _COUNT.findall(text)
    if process.returncode or not found:
        raise RuntimeError(f"{' '.join(arguments)} failed: {text[-2000:]}")
    return Finished(seconds, peak, int(found[-1].replace(",", "")))


def ingest(lake: Path, data: Path, *options: str) -> Finished:
    """Ingest a folder with the command line of Spectral DB."""
    return run(
        lake.with_name("ingest.log"),
        "spectraldb",
        "ingest",
        str(data),
        "--lake",
        str(lake),
        *options,
    )


def folder_size(folder: Path) -> int:
    """Return the total size of all files under a folder, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
