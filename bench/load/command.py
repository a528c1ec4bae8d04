"""`python -m bench load`: one client, then many at once, and what memory the server takes."""

from collections.abc import Iterator
from pathlib import Path

from bench import memory
from bench.lake import ingest
from bench.load.wrk import Load, ask
from bench.server import Server, spectral_db
from bench.spectrum_file import write_spectrum
from bench.table import Table

PRODUCTS = 200
ROWS = 3400
CLIENTS = 64
SECONDS = 30
ROUNDS = 6
PROCESSES = 2


def measure(folder: Path) -> Iterator[Table]:
    """Measure it, with a temporary folder to work in."""
    data, lake = folder / "data", folder / "lake"
    data.mkdir()
    for number in range(1, PRODUCTS + 1):
        write_spectrum(data, ROWS, number)
    ingest(lake, data)
    with spectral_db(lake, "--processes", str(PROCESSES)) as server:
        ask(server.port, CLIENTS, SECONDS, PRODUCTS, 0)
        rest = memory.tree_own(server.pid)
        single = _round(server, 1, 1)
        rounds = [_round(server, CLIENTS, 2 + number) for number in range(ROUNDS)]
    yield _table(rest, [single, *rounds])


def _round(server: Server, clients: int, seed: int) -> tuple[Load, int]:
    """Return what some clients got, and the bytes that the server has of its own after it."""
    load = ask(server.port, clients, SECONDS, PRODUCTS, seed)
    return load, memory.tree_own(server.pid)


def _table(rest: int, rounds: list[tuple[Load, int]]) -> Table:
    (single, _), *many = rounds
    errors = sum(load.errors for load, _ in rounds)
    best = sorted(load.per_second for load, _ in many)[len(many) // 2]
    return Table(
        title=f"{CLIENTS} clients at once",
        about=(
            f"{PRODUCTS} x1d of {ROWS:,} rows; `spectraldb serve --processes {PROCESSES}`, on the "
            f"same machine as wrk. Each client asks anew as soon as it has its answer, for "
            f"{SECONDS} s a row: searches (a window as JSON, the brightest as CSV, grouped) and "
            f"retrievals (JSON, VOTable), as many of each. Aims: no errors (measured: {errors}); "
            f"no growth of memory. {CLIENTS} clients got {best / single.per_second:.2f} times as "
            f"many answers in a second as one."
        ),
        headings=(
            "clients",
            "answers/s",
            "MB/s",
            "median",
            "99 %",
            "errors",
            "memory after it",
        ),
        rows=[_row(load, after) for load, after in rounds],
        meaning=(
            "- *Errors*: answers with another status than 200, connections that failed, and "
            "answers that took more than a minute.\n"
            "- *Memory* is what the server's processes together have of their own, mapped files "
            f"left out; after {SECONDS} s of the same load, before the first row, it was "
            f"{rest / memory.MIB:.0f} MiB.\n"
        ),
    )


def _row(load: Load, after: int) -> list[str]:
    return [
        str(load.clients),
        f"{load.per_second:.0f}",
        f"{load.bytes / load.microseconds:.1f}",
        f"{load.median / 1000:.0f} ms",
        f"{load.p99 / 1000:.0f} ms",
        str(load.errors),
        f"{after / memory.MIB:.0f} MiB",
    ]
