"""The tables of the searches in lakes of extracted spectra."""

from collections.abc import Sequence

from bench.contender import megabytes
from bench.search.aims import aims_text
from bench.search.contender import FEWEST, ROUNDS, Contender
from bench.search.lake import LakeRun
from bench.table import Table
from bench.timing import Timing


def rivals(run: LakeRun) -> Table:
    """Return the table of a lake and its rivals."""
    rows = [
        [question.title, f"{found:,}", *(c.text(question) for c in run.contenders)]
        for question, found in run.found.items()
    ]
    rows += [
        ["load time", "", *map(_loaded, run.contenders)],
        ["on disk", "", *(megabytes(c.size) if c.size else "" for c in run.contenders)],
    ]
    plan = run.built.plan
    kind = "voxels of cubes" if plan.kind == "s3d" else "pixels of extracted spectra"
    return Table(
        title=f"Search in {plan.pixels / 1e6:g} million {kind}",
        result=_result(run),
        about=f"The lake has {plan.products:,} products. Each of {FEWEST} to {ROUNDS} rounds "
        f"measures all columns, warm. {aims_text(run)}",
        headings=("", "found", *(c.name for c in run.contenders)),
        rows=rows,
        meaning="\n".join([*_questions(run), *_missing(run), _MEANING]),
    )


def _result(run: LakeRun) -> str:
    """Return how many times as long each rival takes, from the best search to the worst."""
    ours, _, *others = run.contenders
    texts = []
    for other in others:
        ratios = {
            question.letter: ours.times[question.title].times_faster(other.times[question.title])
            for question in run.found
        }
        listed = ", ".join(f"{letter} {_factor(ratio)}" for letter, ratio in ratios.items())
        texts.append(f"{other.name} takes this many times as long: {listed}")
    return f"{'; '.join(texts)}." if texts else "No rival is installed."


def _factor(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"


def _loaded(contender: Contender) -> str:
    return f"{contender.loaded:,.0f} s" if contender.loaded else ""


def _questions(run: LakeRun) -> list[str]:
    return [
        f"- *{question.title}*: `{question.text}`, {found:,} "
        + (f"{run.noun} counted." if question.counts else "rows.")
        for question, found in run.found.items()
    ]


def _missing(run: LakeRun) -> list[str]:
    return [f"- Not measured, because it is not installed: {name}." for name in run.missing]


def growth(runs: Sequence[LakeRun]) -> Table:
    """Return the table of the same searches in lakes of several sizes."""
    letters = [question.letter for question in runs[-1].found]
    rows = [[_title(runs[-1], letter), *_growth_row(runs, letter)] for letter in letters]
    steps = [f"{letter} {_growth(runs, letter):.2f}" for letter in letters]
    sizes = [f"{run.built.plan.pixels / 1e6:g} million" for run in runs]
    return Table(
        title="The same searches in a growing lake",
        result=f"From {sizes[0]} to {sizes[-1]} pixels, times grow by: {', '.join(steps)}.",
        about="Aim: a, b, c, f and g take less than 1.3 times as long with ten times the pixels.",
        headings=("", *sizes, "last / first"),
        rows=rows,
        meaning=_GROWTH_MEANING,
    )


def _title(run: LakeRun, letter: str) -> str:
    return next(question.title for question in run.found if question.letter == letter)


def _growth_row(runs: Sequence[LakeRun], letter: str) -> list[str]:
    times = [_time(run, letter).text() for run in runs]
    return [*times, f"{_growth(runs, letter):.2f}"]


def _growth(runs: Sequence[LakeRun], letter: str) -> float:
    return _time(runs[0], letter).times_faster(_time(runs[-1], letter))


def _time(run: LakeRun, letter: str) -> Timing:
    return run.contenders[0].times[_title(run, letter)]


_MEANING = """\
- The benchmark first checks that all databases return identical rows, ordered by product, spectrum
  and pixel.
- **Spectral DB** is `Service.search` in this process, from the parameters to an Arrow table.
  **Spectral DB over HTTP** is `spectraldb serve`, on one connection, to the last byte of JSON.
- In parentheses is the CPU time of all processes and threads, a mean.
- **PostgreSQL** has recommended settings (a quarter of the memory as shared buffers) and b-trees on
  wavelength, flux, S/N and DER_SNR, and one on the keys of pixels that covers search c. It may use
  parallel workers. The client is psycopg, over a Unix socket.
- **ClickHouse** is embedded (chDB), with MergeTree tables, the pixels ordered by wavelength and
  merged into one part, with projections ordered by product and by flux. Search c is written for it
  with the number of the product in a subquery. It returns Arrow.
- **DuckDB over Parquet** reads one Parquet file per product, written by pyarrow, one file for all
  spectra and one for all products. It is measured up to 10 million pixels, the others up to 100.
- *On disk* is not a fair comparison: the lake contains all columns, the other databases only those
  that the searches use and a few more. *Load time* starts from the rows of the lake and excludes
  the derived statistics; for Spectral DB it is that of `spectraldb optimize`.
"""

_GROWTH_MEANING = """\
- All lakes have the same number of bright sources; larger lakes have more faint ones. As in real
  data, 5 % of the spectra have a pixel 1e7 times as bright as the others.
- Times are those of Spectral DB without HTTP: medians, with the quartiles in parentheses.
"""
