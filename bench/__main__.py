"""`python -m bench` measures everything and writes docs/performance.md.

`python -m bench retrieve`, `cube` or `ingest` measures one part, and only prints it.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import cube, ingest, machine, retrieve
from bench.page import write_page
from bench.table import Table

PARTS: dict[str, Callable[[Path], list[Table]]] = {
    "retrieve": retrieve.measure,
    "cube": cube.measure,
    "ingest": ingest.measure,
}


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="only this part")
    part = parser.parse_args().part
    # Ended from outside, it still ends its servers and removes its data on the way out.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    # A terminal's width cuts no figure off.
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print("\n".join(machine.describe()), highlight=False, soft_wrap=True)
    parts = [part] if part else list(PARTS)
    tables = [table for name in parts for table in _measure(name, console)]
    if not part:
        console.print(f"written: {write_page(machine.describe(), tables)}", soft_wrap=True)


def _measure(part: str, console: Console) -> list[Table]:
    console.print(f"\nmeasuring: {part}", highlight=False)
    with tempfile.TemporaryDirectory(prefix="spectraldb-bench-") as folder:
        tables = PARTS[part](Path(folder))
    for table in tables:
        table.show(console)
        console.print(table.about, highlight=False)
    return tables


if __name__ == "__main__":
    main()
