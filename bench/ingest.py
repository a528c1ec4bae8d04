"""Ingest of many small products and of a large one."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.contender import in_turn, megabytes
from bench.cube_file import write_cube
from bench.lake import Finished, folder_size, ingest, run
from bench.memory import MIB
from bench.spectrum_file import write_spectrum
from bench.table import Table
from bench.timing import Timing

FILES, ROWS, ROUNDS = 200, 1000, 3


@dataclass
class Way:
    """A way of taking a folder in, and what was measured of it."""

    name: str
    take: Callable[[Path, Path], Finished]
    """Takes a folder of data into a new folder."""
    whole: Timing = field(default_factory=Timing)
    peak: int = 0
    size: int = 0
    pixels: int = 0

    def measure(self, data: Path, out: Path) -> None:
        """Take the data in once, anew."""
        finished = self.take(data, out)
        self.whole.add(finished.seconds)
        self.peak = max(self.peak, finished.peak)
        self.size, self.pixels = folder_size(out), finished.pixels
        shutil.rmtree(out)


def measure(folder: Path) -> list[Table]:
    """Measure both, with a temporary folder to work in."""
    spectra, cubes = folder / "spectra", folder / "cubes"
    for place in (spectra, cubes):
        place.mkdir()
    for number in range(1, FILES + 1):
        write_spectrum(spectra, ROWS, number)
    write_cube(cubes)
    many = f"Ingest {FILES} x1d of {ROWS:,} rows"
    one = "Ingest an s3d of 9 million voxels"
    return [_measure(many, spectra, folder / "out"), _measure(one, cubes, folder / "out")]


def _measure(title: str, data: Path, out: Path) -> Table:
    ways = [
        Way("Spectral DB", lambda data, out: ingest(out, data)),
        Way("Spectral DB, 1 process", lambda data, out: ingest(out, data, "--workers", "1")),
        Way("astropy + json.dumps", _user_loop),
    ]
    for number in range(ROUNDS):
        for way in in_turn(ways, number):
            way.measure(data, out)
    if len({way.pixels for way in ways}) > 1:
        raise ValueError(f"they took in different numbers of pixels: {ways}")
    return _table(title, data, ways)


def _user_loop(data: Path, out: Path) -> Finished:
    return run(out.with_name("loop.log"), "bench.user_loop", str(data), str(out))


def _table(title: str, data: Path, ways: list[Way]) -> Table:
    rival = ways[-1]
    rows = [
        [way.name, way.whole.text(), f"{way.whole.times_faster(rival.whole):.1f}",
         f"{way.pixels / way.whole.median:,.0f}", megabytes(way.size),
         f"{way.peak / MIB:,.0f} MiB" if way.peak else "not told"]
        for way in ways
    ]  # fmt: skip
    return Table(
        title=title,
        about=(
            f"{megabytes(folder_size(data))} of FITS files, {rival.pixels:,} pixels with a flux, "
            f"into an empty folder; {ROUNDS} rounds, all rows in turn in each."
        ),
        headings=("", "time", "times as fast", "pixels/s", "on disk", "peak memory"),
        rows=rows,
        meaning=_MEANING,
    )


_MEANING = """\
- Compared is the time from the start of the command until the data are there in a form that a
  search can read; the start of Python and its imports is part of it.
- **Spectral DB** is `spectraldb ingest`, with a process for each core, which encodes in a
  thread of its own while it reads on. It also computes a checksum of each file and the figures of
  each spectrum, such as DER_SNR.
- **astropy + json.dumps** is `bench/user_loop.py`, one process: it opens each file, makes a
  dictionary of each pixel with a flux, with the columns that Spectral DB searches by, and writes
  one JSON file for each product. A search would still have to read all of them.
- *On disk* is what was written, without the FITS files. *Peak memory* is the sum over the
  command's processes.
"""
