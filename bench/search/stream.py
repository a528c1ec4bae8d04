"""A long answer as an Arrow stream."""

import http.client
from dataclasses import dataclass
from time import perf_counter

import pyarrow as pa

from bench import memory
from bench.biglake.build import Built
from bench.memory import MIB
from bench.search.question import SEARCH
from bench.server import Server, spectral_db
from bench.table import Table
from bench.timing import Timing
from tests.support.ports import HOST

TEXT = "wavelength=2.0,2.52&columns=flux,fluxErr"
"""Found are about a tenth of all pixels."""
ROUNDS = 3


@dataclass(frozen=True)
class _Stream:
    rows: int
    size: int
    seconds: float
    peak: int
    """Most memory of the server's own, as seen after each batch."""


def measure(built: Built) -> Table:
    """Measure it."""
    with spectral_db(built.folder) as server:
        rest = memory.own(server.pid) or 0
        _read(server, f"{TEXT}&limit=1000")
        warm = memory.own(server.pid) or 0
        streams = [_read(server, TEXT) for _ in range(ROUNDS)]
    return _table(built, streams, rest, warm)


def _read(server: Server, text: str) -> _Stream:
    """Read a stream to its end; its batches are let go of as they come."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=900)
    start = perf_counter()
    connection.request("GET", f"{SEARCH}.arrow?{text}")
    rows = size = peak = 0
    with pa.ipc.open_stream(connection.getresponse()) as reader:
        for batch in reader:
            rows += len(batch)
            size += batch.nbytes
            peak = max(peak, memory.own(server.pid) or 0)
    seconds = perf_counter() - start
    connection.close()
    return _Stream(rows, size, seconds, peak)


def _table(built: Built, streams: list[_Stream], rest: int, warm: int) -> Table:
    timing = Timing([stream.seconds for stream in streams])
    rows, size = streams[0].rows, streams[0].size
    speed = f"{rows / timing.median / 1e6:.2f} million rows/s"
    peak = max(stream.peak for stream in streams)
    above = f"{(peak - warm) / MIB:,.0f} MiB" if peak else "not told"
    return Table(
        title=f"{rows / 1e6:.1f} million rows as an Arrow stream",
        about=(
            f"`search.arrow?{TEXT}` of {built.plan.pixels / 1e6:g} million pixels over HTTP; "
            f"{ROUNDS} rounds. Aim: above 2 million rows/s with flat memory; measured: {speed}, "
            f"{above} above the memory after a small search."
        ),
        headings=("rows", "in memory", "time", "speed", "at rest", "after 1,000 rows", "peak"),
        rows=[
            [
                f"{rows:,}",
                f"{size / 1e6:,.0f} MB",
                timing.text(),
                speed,
                *(f"{value / MIB:,.0f} MiB" for value in (rest, warm, peak)),
            ]
        ],
        meaning=_MEANING,
    )


_MEANING = """\
- From the request until the client, pyarrow, has read and counted the last row. *In memory* is the
  size of the rows as Arrow holds them.
- *At rest* is the server's own memory before the first search, *peak* the most that it had when a
  batch had come. Pages of files that it maps do not count: the system takes them back as it needs.
"""
