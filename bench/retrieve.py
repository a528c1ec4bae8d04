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
    """Measure the retrieval in a temporary folder."""
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
        result=ours.whole.beside(theirs.name, theirs.whole),
        about=(
            f"The product has {len(UNITS)} columns and {numbers:,} values. It is sent over HTTP "
            f"on one machine and one connection. Each of {ROUNDS} rounds measures all rows. Aim: "
            f"at least 5 times as fast as astropy + json.dumps. Measured: "
            f"{ours.whole.times_faster(theirs.whole):.1f} times."
        ),
        headings=("", "time", "speed-up", "first byte", "size", "peak memory"),
        rows=rows,
        meaning=_MEANING,
    )


_MEANING = """\
- *Time* runs from the request to the last byte: the median, with the quartiles in parentheses.
  *Speed-up* is the ratio of medians to astropy + json.dumps.
- **Spectral DB** is `spectraldb serve`.
- **astropy + json.dumps** is `bench/rival.py`: the same framework (FastAPI, uvicorn),
  `astropy.io.fits.open`, `tolist()`, null for NaN, `json.dumps`. The benchmark first checks
  that both responses contain the same numbers. The rival does less: it describes neither columns
  nor spectra, and does not look up its files.
- **the framework alone** sends the same number of bytes from memory. No server built on this
  framework can be faster.
- *Peak memory* is that of the whole server process; in parentheses, the increase over the idle
  process.
"""
