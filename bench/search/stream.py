"""A large result as an Arrow stream."""

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
"""A search that matches about a tenth of all pixels."""
ROUNDS = 3


@dataclass(frozen=True)
class _Stream:
    rows: int
    size: int
    seconds: float
    peak: int
    """Peak anonymous memory of the server in bytes, measured after each batch."""


def measure(built: Built) -> Table:
    """Measure the stream."""
    with spectral_db(built.folder) as server:
        rest = memory.own(server.pid) or 0
        _read(server, f"{TEXT}&limit=1000")
        warm = memory.own(server.pid) or 0
        streams = [_read(server, TEXT) for _ in range(ROUNDS)]
    return _table(built, streams, rest, warm)


def _read(server: Server, text: str) -> _Stream:
    """Read a stream to its end, releasing each batch."""
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
    above = f"{(peak - warm) / MIB:,.0f} MiB" if peak else "unknown"
    return Table(
        title=f"{rows / 1e6:.1f} million rows as an Arrow stream",
        result=f"{speed}; the server's memory grows by {above}.",
        about=(
            f"`search.arrow?{TEXT}` over HTTP, in {built.plan.pixels / 1e6:g} million pixels; "
            f"{ROUNDS} rounds. Aim: 6 million rows/s with constant memory. Measured: "
            f"{speed}, and a peak of {above} above the memory after a small search."
        ),
        headings=("rows", "in memory", "time", "speed", "idle", "after 1,000 rows", "peak"),
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
- *Time* runs from the request until the client, pyarrow, has read the last row. *In memory* is the
  size of the rows as Arrow arrays.
- *Idle* is the server's memory before the first search, *peak* the maximum over all batches. Pages
  of mapped files do not count, as the system reclaims them when it needs memory.
"""
