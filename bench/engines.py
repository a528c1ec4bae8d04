"""`python -m bench engines`: the same searches on each engine, over the same lake."""

import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from bench import planning
from bench.biglake.build import Built, Plan, build
from bench.search.contender import FEWEST, ROUNDS, Contender, compare, time_all
from bench.search.ours import in_process
from bench.search.question import Question, window
from bench.table import Table
from spectraldb.lake.layout import SEGMENTS, SORTED_COPIES
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.clusters import WORKERS, Sail, Spark

AIMS = ((0, 3), (1, 2))
"""Index of a search, and the maximum time for Sail relative to DuckDB."""

OURS = ("DuckDB, with segments", "DuckDB, Parquet files only")
SAIL, SPARK, PLAIN = (
    f"Sail, {WORKERS} workers",
    f"Spark, {WORKERS} workers",
    "Sail, without copies by wavelength",
)


def measure(options: Namespace, folder: Path) -> Iterator[Table]:
    """Measure searches and planning, in a temporary folder or the one that `--keep` names."""
    folder = (options.keep or folder).absolute()
    plan = Plan("x1d", int(max(options.pixels)))
    built = build(folder / plan.name, plan, lambda line: print(f"\r{line}", end="", flush=True))
    with closing(Service(Settings(lake=built.folder))) as service:
        service.optimize(by_wavelength=True)
    with ExitStack() as stack:
        bare = _bare(built, folder, stack)
        sail = stack.enter_context(Sail(folder / "sail")).address
        spark = stack.enter_context(Spark(folder / "spark")).address
        lakes = dict(zip(OURS, (Settings(lake=built.folder), bare), strict=True)) | {
            SAIL: Settings(lake=built.folder, engine="spark", spark=sail),
            SPARK: Settings(lake=built.folder, engine="spark", spark=spark),
            PLAIN: bare.model_copy(update={"engine": "spark", "spark": sail}),
        }
        contenders = [_contender(name, built, lakes[name], stack) for name in lakes]
        questions = [window(), *_scans()]
        found = {question: compare(contenders, question) for question in questions}
        for question in questions:
            time_all(contenders, question)
    yield _table(built, contenders, found)
    shutil.rmtree(folder / "planning", ignore_errors=True)
    yield from planning.measure(folder)


def _contender(name: str, built: Built, settings: Settings, stack: ExitStack) -> Contender:
    service = Service(settings)
    stack.callback(service.close)
    found = in_process(service, built)
    found.name = name
    return found


def _bare(built: Built, folder: Path, stack: ExitStack) -> Settings:
    """Return the settings of a hard-linked copy of the lake without segments and sorted copies."""
    place = folder / f"{built.folder.name}-bare"
    shutil.rmtree(place, ignore_errors=True)
    without = shutil.ignore_patterns(SEGMENTS, SORTED_COPIES)
    shutil.copytree(built.folder, place, copy_function=os.link, ignore=without)
    stack.callback(shutil.rmtree, place)
    return Settings(lake=place)


def _scans() -> list[Question]:
    """Return searches that must read every pixel."""
    all_pixels = "flux.gte=-1e30&fluxErr.gte=-1e30"
    return [
        Question("full scan", all_pixels, "", counts=True),
        Question("grouped", "group=True&flux.gte=5&wavelength.gte=0&limit=1000", ""),
    ]


def _table(built: Built, contenders: list[Contender], found: dict[Question, int]) -> Table:
    questions = list(found)
    rows = [[c.name, *(c.times[q.title].text() for q in questions)] for c in contenders]
    plan = built.plan
    return Table(
        title=f"The same searches on several engines, {plan.pixels / 1e6:g} million pixels",
        result=f"search {questions[0].title}: {_times(contenders, questions[0])}.",
        about=f"The lake is on the local disk, has {plan.products:,} products of extracted "
        f"spectra, and is optimized, with copies by wavelength. Times are from the parameters to "
        f"an Arrow table, warm. Each of {FEWEST} to {ROUNDS} rounds measures all engines. "
        f"{_aims(contenders, questions)}",
        headings=("", *(question.title for question in questions)),
        rows=rows,
        meaning="\n".join(
            f"- *{q.title}*: `{q.text}`, {n:,} {'pixels counted' if q.counts else 'rows'}."
            for q, n in found.items()
        )
        + "\n- The benchmark first checks that all engines return identical rows.\n",
    )


def _times(contenders: list[Contender], question: Question) -> str:
    return "; ".join(f"{c.name}: {c.times[question.title].short}" for c in contenders)


def _aims(contenders: list[Contender], questions: list[Question]) -> str:
    """Return the aims for Sail, with its measured times relative to both variants of DuckDB."""
    by_name = {contender.name: contender for contender in contenders}
    parts = []
    for number, most in AIMS:
        title = questions[number].title
        ratios = (
            f"{by_name[own].times[title].times_faster(by_name[SAIL].times[title]):.1f} ({own})"
            for own in OURS
        )
        parts.append(f"{title} at most {most} times as long (measured: {', '.join(ratios)})")
    return f"Aims for Sail, relative to DuckDB, with 100 million pixels: {'; '.join(parts)}."
