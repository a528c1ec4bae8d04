"""`python -m bench` measures retrieval and ingest and writes docs/performance.md.

`python -m bench retrieve`, `cube` or `ingest` measures one part and prints the result only.
`python -m bench search` measures searches in large lakes and writes docs/performance-search.md.
`python -m bench engines` measures them on each engine and writes docs/performance-engines.md.
`python -m bench load` measures many concurrent clients and writes docs/performance-load.md.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from rich.console import Console

from bench import cube, engines, ingest, machine, page, retrieve
from bench.load import command as load
from bench.search import command as search
from bench.table import Table

PARTS: dict[str, Callable[[Path], Iterable[Table]]] = {
    "retrieve": retrieve.measure,
    "cube": cube.measure,
    "ingest": ingest.measure,
}
SEARCH = "search"
ENGINES = "engines"
LOAD = "load"


def main() -> None:
    """Run the benchmarks that the command line names."""
    options = _options()
    # Exit normally on SIGTERM, so that the servers are stopped and the data deleted.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    # Wide enough for every table if the output is not a terminal.
    console = Console(width=None if sys.stdout.isatty() else 200)
    facts = machine.describe()
    console.print("\n".join(facts), highlight=False, soft_wrap=True)
    pages: dict[str, tuple[Callable[[Path], Iterable[Table]], page.Page]] = {
        SEARCH: (partial(search.measure, options), page.SEARCH),
        ENGINES: (partial(engines.measure, options), page.ENGINES),
        LOAD: (load.measure, page.LOAD),
    }
    if options.part in pages:
        measure, target = pages[options.part]
        _write(target, facts, _measure(options.part, measure, console), console)
    elif options.part:
        _measure(options.part, PARTS[options.part], console)
    else:
        tables = [table for name in PARTS for table in _measure(name, PARTS[name], console)]
        _write(page.PERFORMANCE, facts, tables, console)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = [*PARTS, SEARCH, ENGINES, LOAD]
    parser.add_argument("part", nargs="?", choices=parts, help="run only this part")
    search.add_options(parser)
    return parser.parse_args()


def _measure(
    part: str, measure: Callable[[Path], Iterable[Table]], console: Console
) -> list[Table]:
    console.print(f"\nMeasuring: {part}", highlight=False)
    tables = []
    with tempfile.TemporaryDirectory(prefix="spectraldb-bench-") as folder:
        for table in measure(Path(folder)):
            table.show(console)
            console.print(f"{table.result}\n{table.about}", highlight=False)
            tables.append(table)
    return tables


def _write(target: page.Page, facts: list[str], tables: list[Table], console: Console) -> None:
    target.write(facts, tables)
    console.print(f"Wrote {target.path}.", soft_wrap=True)


if __name__ == "__main__":
    main()
