"""Retrieval of a spectral cube (s3d)."""

from contextlib import ExitStack
from pathlib import Path

from bench.answer import Answer, check_equal
from bench.client import Client, retrieve_target
from bench.contender import Contender, interleave, megabytes
from bench.cube_file import SCI_BYTES, SHAPE, VOXELS, write_cube
from bench.lake import ingest
from bench.memory import MIB
from bench.server import rival, spectral_db
from bench.table import Table

ROUNDS = 3
HEADINGS = (
    "",
    "time",
    "speed-up",
    "first byte",
    "size",
    "peak memory",
    "peak / file",
    "peak / SCI",
)
NAMES = ["wavelength", "ra", "dec", "flux", "fluxErr", "dq", "wmap"]


def measure(folder: Path) -> list[Table]:
    """Measure the retrieval in a temporary folder."""
    data = folder / "data"
    data.mkdir()
    path = write_cube(data)
    ingest(folder / "lake", data)
    with ExitStack() as stack:
        ours = stack.enter_context(spectral_db(folder / "lake"))
        theirs = stack.enter_context(rival(data))
        one = stack.enter_context(Client(ours.port, retrieve_target(path.name)))
        other = stack.enter_context(Client(theirs.port, f"/retrieve?filename={path.name}"))
        contenders = [
            Contender("Spectral DB", ours, one),
            Contender("astropy + json.dumps", theirs, other),
        ]
        # The comparison also warms up both servers.
        check_equal(NAMES, Answer(folder / "ours.json", one), Answer(folder / "theirs.json", other))
        interleave(contenders, ROUNDS)
    return [_table(contenders, path.stat().st_size)]


def _table(contenders: list[Contender], size: int) -> Table:
    ours, theirs = contenders
    rows = [
        [
            c.name,
            c.whole.text(),
            f"{c.whole.times_faster(theirs.whole):.1f}",
            c.first_byte.text(),
            megabytes(c.size),
            c.peak_text,
            *_multiples(c, size),
        ]
        for c in contenders
    ]
    planes, ny, nx = SHAPE
    return Table(
        title=f"Retrieve an s3d of {VOXELS / 1e6:.1f} million voxels",
        result=ours.whole.beside(theirs.name, theirs.whole) + _memory(ours, theirs),
        about=(
            f"The cube has {planes} planes of {ny} by {nx} spaxels, with SCI, ERR, DQ and WMAP: a "
            f"file of {megabytes(size)}, of which SCI is {megabytes(SCI_BYTES)}. Each of {ROUNDS} "
            f"rounds measures both. Aim: the response is streamed, and the server's peak memory "
            f"stays below 2.5 times the size of the cube. Measured: {_multiples(ours, size)[0]} "
            f"times the file, or {_multiples(ours, size)[1]} times SCI alone."
        ),
        headings=HEADINGS,
        rows=rows,
        meaning=_MEANING,
    )


def _memory(ours: Contender, theirs: Contender) -> str:
    if not ours.peak:
        return ""
    return f" Peak memory: {ours.peak / MIB:,.0f} MiB instead of {theirs.peak / MIB:,.0f} MiB."


def _multiples(contender: Contender, size: int) -> tuple[str, str]:
    if not contender.peak:
        return "unknown", "unknown"
    return f"{contender.peak / size:.2f}", f"{contender.peak / SCI_BYTES:.2f}"


_MEANING = """\
- Rows, times and memory are defined as for the x1d. The benchmark first checks that both responses
  contain the same numbers.
- *First byte* is the time until the body begins to arrive. A streamed response begins before the
  whole cube is read.
- *Peak / file* and *peak / SCI* divide the peak memory of the whole process, including its idle
  memory, by the size of the FITS file and of the SCI array.
"""
