"""Retrieval of an extracted spectrum (x1d)."""

from contextlib import ExitStack
from pathlib import Path

from bench.answer import Answer, check_equal
from bench.client import Client, retrieve_target
from bench.contender import Contender, interleave, megabytes
from bench.lake import ingest
from bench.reading import api_name
from bench.server import rival, spectral_db
from bench.spectrum_file import UNITS, write_spectrum
from bench.table import Table

ROWS = 3400
ROUNDS = 200
WARM_UP = 20


def measure(folder: Path) -> list[Table]:
    """Measure it, with a temporary folder to work in."""
    data = folder / "data"
    data.mkdir()
    name = write_spectrum(data, ROWS).name
    ingest(folder / "lake", data)
    with ExitStack() as stack:
        ours = stack.enter_context(spectral_db(folder / "lake"))
        theirs = stack.enter_context(rival(data))
        one = stack.enter_context(Client(ours.port, retrieve_target(name)))
        other = stack.enter_context(Client(theirs.port, f"/retrieve?filename={name}"))
        contenders = [
            Contender("Spectral DB", ours, one),
            Contender("astropy + json.dumps", theirs, other),
        ]
        numbers = check_equal(
            [api_name(name) for name in UNITS],
            Answer(folder / "ours.json", one),
            Answer(folder / "theirs.json", other),
        )
        target = f"/bytes?size={one.get().size}"
        ready = stack.enter_context(Client(theirs.port, target))
        contenders.append(Contender("the framework alone", theirs, ready))
        for contender in contenders:
            for _ in range(WARM_UP):
                contender.client.get()
        interleave(contenders, ROUNDS)
    return [_table(contenders, numbers)]


def _table(contenders: list[Contender], numbers: int) -> Table:
    ours, theirs, _ = contenders
    rows = [
        [
            c.name,
            c.whole.text(),
            f"{c.whole.times_faster(theirs.whole):.1f}",
            c.first_byte.text(),
            megabytes(c.size),
            c.peak_text if c in (ours, theirs) else "",
        ]
        for c in contenders
    ]
    return Table(
        title=f"Retrieve an x1d of {ROWS:,} rows",
        about=(
            f"{len(UNITS)} columns, {numbers:,} numbers, over HTTP on one machine and one "
            f"connection; {ROUNDS} rounds, all rows in turn in each. Aim: at least 5 times as "
            f"fast as astropy + json.dumps; measured: "
            f"{ours.whole.times_faster(theirs.whole):.1f} times."
        ),
        headings=("", "time", "times as fast", "first byte", "sent", "peak memory"),
        rows=rows,
        meaning=_MEANING,
    )


_MEANING = """\
- Times are from the request to the last byte: the median, and the quartiles in brackets.
  *Times as fast* compares medians with those of astropy + json.dumps.
- **Spectral DB** is `spectraldb serve`.
- **astropy + json.dumps** is `bench/rival.py`: the same framework (FastAPI, uvicorn),
  `astropy.io.fits.open`, `tolist()`, null for NaN, `json.dumps`. Both answers were read and
  compared first: they hold the same numbers. The rival describes neither the columns nor the
  spectrum, and knows where its files are without looking.
- **the framework alone** sends as many bytes, which were ready in memory: no server on this
  framework can be faster.
- *Peak memory* is that of the server's whole process, and in brackets what lies above its memory
  at rest.
"""
