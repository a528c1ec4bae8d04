"""The tables of the searches in lakes of extracted spectra."""

from collections.abc import Sequence
from itertools import pairwise

from bench.contender import megabytes
from bench.search.contender import FEWEST, ROUNDS, Contender
from bench.search.lake import LakeRun
from bench.search.question import Question
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
        result=_result(run, next(iter(run.found))),
        about=f"The lake has {plan.products:,} products. Each of {FEWEST} to {ROUNDS} rounds "
        f"measures all rows, warm. {_aims(run)}",
        headings=("", *titles, "load time", "on disk"),
        rows=rows,
        meaning="\n".join([*_questions(run), *_missing(run), _MEANING]),
    )


def _result(run: LakeRun, question: Question) -> str:
    """Return the times of a search, and the searches in which a rival is faster."""
    ours, _, *others = run.contenders
    time = ours.times[question.title]
    takes = (c.times[question.title].relative(c.name, time) for c in others)
    text = f"{question.label}: {'; '.join([time.short, *takes])}."
    faster = [
        f"{c.name} in {other.title[0]}"
        for c in others
        for other in run.found
        if c.times[other.title].median < ours.times[other.title].median
    ]
    return f"{text} Faster than Spectral DB: {', '.join(faster)}." if faster else text


def _loaded(contender: Contender) -> str:
    return f"{contender.loaded:,.0f} s" if contender.loaded else ""


def _aims(run: LakeRun) -> str:
    """Return the aims with the measured values."""
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
        parts.append(f"a over HTTP in about 15 ms (measured: {http.times[a].text()})")
    return f"Aims for 100 million pixels, without HTTP unless stated: {'; '.join(parts)}."


def _ratio(run: LakeRun, name: str, title: str) -> str:
    ours, rival = run.contender("Spectral DB"), run.contender(name)
    if ours is None or rival is None:
        return "not measured"
    return f"{ours.times[title].times_faster(rival.times[title]):.1f}"


def _questions(run: LakeRun) -> list[str]:
    return [
        f"- *{question.title}*: `{question.text}`, {found:,} "
        + ("pixels counted." if question.counts else "rows.")
        for question, found in run.found.items()
    ]


def _missing(run: LakeRun) -> list[str]:
    return [f"- Not measured, because it is not installed: {name}." for name in run.missing]


def growth(lakes: Sequence[LakeRun]) -> Table:
    """Return the table of the same search in lakes of several sizes."""
    steps = ", ".join(_steps(lakes)) or "one size only"
    return Table(
        title="The same search in a growing lake",
        result=f"{steps}.",
        about=(
            f"Search a. Aim: less than twice as long with ten times the pixels. Measured: {steps}."
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
    """Return the ratio of the engine's times for each size and the next larger one."""
    steps = []
    for small, large in pairwise(lakes):
        factor = large.built.plan.pixels / small.built.plan.pixels
        longer = _time(small).times_faster(_time(large))
        steps.append(f"{longer:.2f} times as long with {factor:g} times the pixels")
    return steps


def _time(run: LakeRun) -> Timing:
    return run.contenders[0].times[next(iter(run.found)).title]


_MEANING = """\
- The benchmark first checks that all databases return identical rows, ordered by product, spectrum
  and pixel.
- **Spectral DB** is `Service.search` in this process, from the parameters to an Arrow table.
  **Spectral DB over HTTP** is `spectraldb serve`, on one connection, to the last byte of JSON.
- **PostgreSQL** has recommended settings (a quarter of the memory as shared buffers) and b-trees on
  product, wavelength, flux and DER_SNR. The client is psycopg, over a Unix socket.
- **ClickHouse** is embedded (chDB), with MergeTree tables, the pixels ordered by wavelength and
  merged into one part. It returns Arrow.
- **DuckDB over Parquet** reads one Parquet file per product, written by pyarrow, one file for all
  spectra and one for all products. It is measured up to 10 million pixels, the others up to 100.
- *On disk* is not a fair comparison: the lake contains all columns, the other databases only those
  that the searches use and a few more. *Load time* starts from the rows of the lake and excludes
  the derived statistics; for Spectral DB it is that of `spectraldb optimize`.
"""

_GROWTH_MEANING = """\
- All lakes have the same number of bright sources; larger lakes have more faint ones. As in real
  data, 5 % of the spectra have a pixel 1e7 times as bright as the others.
- The columns correspond to the rows of the tables above.
"""
