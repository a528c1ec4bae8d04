"""The tables of what was asked of lakes of extracted spectra."""

from collections.abc import Sequence
from itertools import pairwise

from bench.contender import megabytes
from bench.search.contender import FEWEST, ROUNDS, Contender
from bench.search.lake import LakeRun
from bench.table import Table
from bench.timing import Timing


def rivals(run: LakeRun) -> Table:
    """Return the table of a lake and its rivals."""
    titles = [question.title for question in run.found]
    rows = [
        [
            c.name,
            *(c.times[title].text() for title in titles),
            _loaded(c),
            megabytes(c.size) if c.size else "",
        ]
        for c in run.contenders
    ]
    plan = run.built.plan
    return Table(
        title=f"Search in {plan.pixels / 1e6:g} million pixels of extracted spectra",
        about=f"{plan.products:,} products; {FEWEST} to {ROUNDS} rounds, all rows in turn in "
        f"each, warm. {_aims(run)}",
        headings=("", *titles, "to load", "on disk"),
        rows=rows,
        meaning="\n".join([*_questions(run), *_missing(run), _MEANING]),
    )


def _loaded(contender: Contender) -> str:
    return f"{contender.loaded:,.0f} s" if contender.loaded else ""


def _aims(run: LakeRun) -> str:
    """Return what is wanted at this size and what was measured."""
    a, b, *_ = (question.title for question in run.found)
    wanted = (
        ("at least 10 times as fast as PostgreSQL", "PostgreSQL", a),
        ("at least 3 times as fast as ClickHouse", "ClickHouse", a),
        ("at least 10 times as fast as ClickHouse", "ClickHouse", b),
    )
    parts = [
        f"{title[0]} {aim} (measured: {_ratio(run, name, title)})"
        for aim, name, title in wanted
        if run.contender(name)
    ]
    http = run.contender("Spectral DB over HTTP")
    if http:
        parts.append(f"a over HTTP of the order of 15 ms (measured: {http.times[a].text()})")
    return f"Aims, for 100 million pixels and engine against engine: {'; '.join(parts)}."


def _ratio(run: LakeRun, name: str, title: str) -> str:
    ours, rival = run.contender("Spectral DB"), run.contender(name)
    if ours is None or rival is None:
        return "not measured"
    return f"{ours.times[title].times_faster(rival.times[title]):.1f}"


def _questions(run: LakeRun) -> list[str]:
    return [
        f"- *{question.title}*: `{question.text}`, {found:,} "
        + ("are counted." if question.counts else "rows.")
        for question, found in run.found.items()
    ]


def _missing(run: LakeRun) -> list[str]:
    return [f"- Not measured, since it is not on this machine: {name}." for name in run.missing]


def growth(lakes: Sequence[LakeRun]) -> Table:
    """Return the table of the same search in lakes of several sizes."""
    return Table(
        title="The same search in a growing lake",
        about=(
            "Question a. Aim: less than twice as long with ten times the pixels; measured: "
            f"{', '.join(_steps(lakes)) or 'one size only'}."
        ),
        headings=("pixels", "products", "rows", *(c.name for c in lakes[0].contenders)),
        rows=[_growth_row(run, lakes[0]) for run in lakes],
        meaning=_GROWTH_MEANING,
    )


def _growth_row(run: LakeRun, first: LakeRun) -> list[str]:
    question, found = next(iter(run.found.items()))
    same = [run.contender(c.name) for c in first.contenders]
    times = [c.times[question.title].text() if c else "not measured" for c in same]
    plan = run.built.plan
    return [f"{plan.pixels / 1e6:g} million", f"{plan.products:,}", f"{found:,}", *times]


def _steps(lakes: Sequence[LakeRun]) -> list[str]:
    """Return how many times as long the engine takes from each size to the next."""
    steps = []
    for small, large in pairwise(lakes):
        factor = large.built.plan.pixels / small.built.plan.pixels
        longer = _time(small).times_faster(_time(large))
        steps.append(f"{longer:.2f} times with {factor:g} times the pixels")
    return steps


def _time(run: LakeRun) -> Timing:
    return run.contenders[0].times[next(iter(run.found)).title]


_MEANING = """\
- All answers were compared row by row before: they are equal. Rows come in the order of product,
  spectrum and pixel.
- **Spectral DB** is `Service.search` in this process: from the parameters to an Arrow table.
  **over HTTP** it is `spectraldb serve`, one connection, to the last byte of JSON.
- **PostgreSQL** has its usual good settings (a quarter of the memory as shared buffers), b-trees on
  product, wavelength, flux and DER_SNR, and is asked by psycopg over a Unix socket.
- **ClickHouse** is embedded (chDB): MergeTree, the pixels ordered by wavelength, merged into one
  part; it answers in Arrow.
- **DuckDB over Parquet** reads a Parquet file of each product, written by pyarrow, and a file each
  for all spectra and all products. It is measured up to 10 million pixels, the others to 100.
- The rivals hold the columns that the questions name and a few more, so less than the lake: *on
  disk* does not compare like with like. *To load* starts from the lake's rows, and no rival
  computes the figures of the spectra; that of Spectral DB is `spectraldb optimize`.
"""

_GROWTH_MEANING = """\
- Every lake holds as many bright sources, and the more spectra the more faint ones; 5 % of the
  spectra have a pixel 1e7 times as bright as the others, as real ones have.
- The columns are the rows of the tables above.
"""
