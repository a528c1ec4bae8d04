"""Ingest of many small products and of large ones."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.contender import in_turn, megabytes
from bench.cube_file import write_cube
from bench.lake import Finished, folder_size, ingest, run
from bench.memory import MIB
from bench.spectrum_file import write_spectrum
from bench.table import Table
from bench.time_series import write_time_series
from bench.timing import Timing

FILES, ROWS, CUBES, ROUNDS = 1000, 1000, 4, 3
LOOP = "astropy + json.dumps"


@dataclass
class Way:
    """A program that ingests a folder, and its measurements."""

    name: str
    take: Callable[[Path, Path], Finished]
    """Function that ingests a folder of FITS files into a new folder."""
    whole: Timing = field(default_factory=Timing)
    peak: int = 0
    size: int = 0
    pixels: int = 0

    def measure(self, data: Path, out: Path) -> None:
        """Ingest the data once, then delete the result."""
        finished = self.take(data, out)
        self.whole.add(finished.seconds)
        self.peak = max(self.peak, finished.peak)
        self.size, self.pixels = folder_size(out), finished.pixels
        shutil.rmtree(out)


def measure(folder: Path) -> Iterator[Table]:
    """Measure all ingests in a temporary folder."""
    data, out = folder / "data", folder / "out"
    with _folder(data):
        for number in range(1, FILES + 1):
            write_spectrum(data, ROWS, number)
        yield _measure(f"Ingest {FILES:,} x1d of {ROWS:,} rows", data, out, _all_ways())
    with _folder(data):
        cube = write_cube(data)
        yield _measure("Ingest an s3d of 9 million voxels", data, out, _all_ways())
        for number in range(1, CUBES):
            shutil.copy(cube, cube.with_name(cube.name.replace("o500", f"o{500 + number}")))
        yield _measure(f"Ingest {CUBES} s3d of 9 million voxels", data, out, _own_ways())
    with _folder(data):
        write_time_series(data)
        yield _measure("Ingest a time series of several GB", data, out, _own_ways()[:1])


@contextmanager
def _folder(path: Path) -> Iterator[None]:
    path.mkdir()
    yield
    shutil.rmtree(path)


def _own_ways() -> list[Way]:
    return [
        Way("Spectral DB", lambda data, out: ingest(out, data)),
        Way("Spectral DB, 1 process", lambda data, out: ingest(out, data, "--workers", "1")),
    ]


def _all_ways() -> list[Way]:
    return [*_own_ways(), Way(LOOP, _user_loop)]


def _measure(title: str, data: Path, out: Path, ways: list[Way]) -> Table:
    for number in range(ROUNDS):
        for way in in_turn(ways, number):
            way.measure(data, out)
    if len({way.pixels for way in ways}) > 1:
        raise ValueError(f"The numbers of pixels differ: {ways}")
    return _table(title, data, ways)


def _user_loop(data: Path, out: Path) -> Finished:
    return run(out.with_name("loop.log"), "bench.user_loop", str(data), str(out))


def _table(title: str, data: Path, ways: list[Way]) -> Table:
    rival = ways[-1]
    rows = [
        [
            way.name,
            way.whole.text(),
            f"{way.whole.times_faster(rival.whole):.1f}",
            f"{way.pixels / way.whole.median:,.0f}",
            megabytes(way.size),
            f"{way.peak / MIB:,.0f} MiB" if way.peak else "unknown",
        ]
        for way in ways
    ]
    return Table(
        title=title,
        result=_result(ways[0], rival),
        about=(
            f"{megabytes(folder_size(data))} of FITS files with {rival.pixels:,} pixels that have "
            f"a flux are ingested into an empty folder. Each of {ROUNDS} rounds measures all rows."
        ),
        headings=("", "time", "speed-up", "pixels/s", "on disk", "peak memory"),
        rows=rows,
        meaning=_MEANING + (_LOOP_MEANING if rival.name == LOOP else "") + _SIZE_MEANING,
    )


def _result(ours: Way, rival: Way) -> str:
    if rival.name == LOOP:
        return ours.whole.beside(rival.name, rival.whole)
    return f"{ours.whole.short}, or {ours.pixels / ours.whole.median:,.0f} pixels per second."


_MEANING = """\
- *Time* runs from the start of the command, including the start of Python, until a search can read
  the data. *Speed-up* is relative to the last row.
- **Spectral DB** is `spectraldb ingest` with one process per core, each of which encodes in a
  second thread while the first reads. It also computes a checksum of each file and the derived
  statistics of each spectrum, such as DER_SNR.
"""

_LOOP_MEANING = """\
- **astropy + json.dumps** is `bench/user_loop.py`, in one process. It opens each file, makes a
  dictionary of the searchable columns for each pixel with a flux, and writes one JSON file per
  product. A search would still have to read all of these files.
"""

_SIZE_MEANING = """\
- *On disk* is the size of the output, without the FITS files. *Peak memory* is the sum over the
  processes of the command.
"""
