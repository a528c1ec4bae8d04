"""`python -m bench load`: one client, then many concurrent ones, and the server's memory."""

from collections.abc import Iterator
from pathlib import Path

from bench import memory
from bench.biglake.build import optimize
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
    """Measure the load in a temporary folder."""
    data, lake = folder / "data", folder / "lake"
    data.mkdir()
    for number in range(1, PRODUCTS + 1):
        write_spectrum(data, ROWS, number)
    ingest(lake, data)
    optimize(lake, lambda _: None)
    with spectral_db(lake, "--processes", str(PROCESSES)) as server:
        ask(server.port, CLIENTS, SECONDS, PRODUCTS, 0)
        rest = memory.tree_own(server.pid)
        single = _round(server, 1, 1)
        rounds = [_round(server, CLIENTS, 2 + number) for number in range(ROUNDS)]
    yield _table(rest, [single, *rounds])


def _round(server: Server, clients: int, seed: int) -> tuple[Load, int]:
    """Run clients; return their results and the server's anonymous memory in bytes afterwards."""
    load = ask(server.port, clients, SECONDS, PRODUCTS, seed)
    return load, memory.tree_own(server.pid)


def _table(rest: int, rounds: list[tuple[Load, int]]) -> Table:
    (single, _), *many = rounds
    errors = sum(load.errors for load, _ in rounds)
    best = sorted(load.per_second for load, _ in many)[len(many) // 2]
    return Table(
        title=f"{CLIENTS} concurrent clients",
        result=(
            f"{best:.0f} responses per second, {best / single.per_second:.2f} times as many as "
            f"with one client; errors: {errors}. Memory: {rest / memory.MIB:.0f} MiB before, "
            f"{many[-1][1] / memory.MIB:.0f} MiB after."
        ),
        about=(
            f"`spectraldb serve --processes {PROCESSES}` runs on the same machine as the load "
            f"generator, wrk, over an optimized lake with {PRODUCTS} x1d of {ROWS:,} rows. Each "
            f"row is a run of {SECONDS} s, in which each client sends a request as soon as it has "
            f"the previous response: searches (a window as JSON, the brightest pixels as CSV, "
            f"grouped) and "
            f"retrievals (JSON, VOTable), in equal numbers. Aims: no errors (measured: "
            f"{errors}), 200 responses per second, 99 % of them within 2 s, and memory that does "
            f"not grow."
        ),
        headings=(
            "clients",
            "responses/s",
            "MB/s",
            "median",
            "99 %",
            "errors",
            "memory afterwards",
        ),
        rows=[_row(load, after) for load, after in rounds],
        meaning=(
            "- *Errors* are responses with a status other than 200, failed connections, and "
            "responses that took longer than a minute.\n"
            "- *Memory* is the sum over the server's processes, without mapped files. After a "
            f"warm-up of {SECONDS} s with the same load, before the first row, it was "
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
