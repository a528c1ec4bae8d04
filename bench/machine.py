"""The machine and the software of the measurements."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = (
    "spectraldb",
    "astropy",
    "numpy",
    "orjson",
    "pyarrow",
    "duckdb",
    "deltalake",
    "fastapi",
    "starlette",
    "uvicorn",
)


def describe() -> list[str]:
    """Return the properties of the machine and the software, one per line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"date: {datetime.now(UTC):%Y-%m-%d}",
        f"processor: {_processor()}, {os.cpu_count()} cores",
        f"memory: {memory:.0f} GiB",
        f"1-minute load average before the run: {os.getloadavg()[0]:.1f}",
        f"system: {platform.system()} {platform.machine()}",
        f"python: {platform.python_version()}",
        "libraries: " + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    ]


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"
