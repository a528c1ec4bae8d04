"""Retrieval of a spectral cube (s3d)."""

from contextlib import ExitStack
from pathlib import Path

from bench.answer import Answer, check_equal
from bench.client import Client, retrieve_target
from bench.contender import Contender, interleave, megabytes
from bench.cube_file import SCI_BYTES, SHAPE, VOXELS, write_cube
from bench.lake import ingest
from bench.server import rival, spectral_db
from bench.table import Table

ROUNDS = 3
HEADINGS = (
    "",
    "time",
    "times as fast",
    "first byte",
    "sent",
    "peak memory",
    "peak / file",
    "peak / SCI",
)
NAMES = ["wavelength", "ra", "dec", "flux", "fluxErr", "dq", "wmap"]


def measure(folder: Path) -> list[Table]:
    """Measure it, with a temporary folder to work in."""
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
        # This also warms both up.
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
        about=(
            f"{planes} planes of {ny} by {nx}: SCI, ERR, DQ and WMAP, a file of {megabytes(size)}, "
            f"of which SCI is {megabytes(SCI_BYTES)}; {ROUNDS} rounds, both rows in turn in each. "
            f"Aim: the answer streams, and the server's peak memory stays below 2.5 times the "
            f"cube's size; measured: {_multiples(ours, size)[0]} times its file, which is "
            f"{_multiples(ours, size)[1]} times SCI alone."
        ),
        headings=HEADINGS,
        rows=rows,
        meaning=_MEANING,
    )


def _multiples(contender: Contender, size: int) -> tuple[str, str]:
    if not contender.peak:
        return "not told", "not told"
    return f"{contender.peak / size:.2f}", f"{contender.peak / SCI_BYTES:.2f}"


_MEANING = """\
- The rows, times and memory are as in the table of the x1d; both answers were compared number by
  number first.
- *First byte* is when the body begins to arrive: an answer that streams begins before the cube
  is read.
- *Peak / file* and *peak / SCI* are the peak memory of the whole process, with all that it has
  at rest, in sizes of the FITS file and of the voxels of SCI.
"""
