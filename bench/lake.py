"""Commands that are run to their end, timed, and watched for their memory."""

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
    """A command that has ended well."""

    seconds: float
    peak: int
    """Peak memory of all its processes together; 0 where the system does not tell."""
    pixels: int


def run(log: Path, *arguments: str) -> Finished:
    """Run `python -m ARGUMENTS...`, which prints in its last line how many pixels it wrote."""
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
    """Take a folder into a lake with the command line of Spectral DB."""
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
    """Return the bytes of the files in a folder, at any depth."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
