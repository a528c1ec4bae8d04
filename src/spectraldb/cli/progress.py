"""How long work is followed: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from spectraldb.cli.show import err, out
from spectraldb.ingest.outcome import Fate, Outcome, Summary
from spectraldb.ingest.run import Report
from spectraldb.maintenance.optimize import Optimized
from spectraldb.maintenance.progress import Report as StepReport
from spectraldb.maintenance.progress import Step


@contextmanager
def following(total: int) -> Iterator[Report]:
    """Give a function that shows each outcome."""
    if not err.is_terminal:
        yield _line
        return
    columns = (
        TextColumn("ingest"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[name]}"),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("", total=total, name="")

        def show(outcome: Outcome) -> None:
            progress.update(task, advance=1, name=outcome.name)
            if outcome.fate is Fate.REFUSED:
                progress.console.print(
                    _refusal(outcome), style="red", highlight=False, markup=False
                )

        yield show


def _line(outcome: Outcome) -> None:
    if outcome.fate is Fate.REFUSED:
        print(_refusal(outcome), flush=True)  # noqa: T201
    else:
        print(f"{outcome.fate}  {outcome.location}  {outcome.uri}", flush=True)  # noqa: T201


def _refusal(outcome: Outcome) -> str:
    return f"refused  {outcome.location}: {outcome.reason}"


@contextmanager
def following_steps() -> Iterator[StepReport]:
    """Give a function that shows each step of putting a lake in order."""
    if not err.is_terminal:
        yield _PlainSteps().show
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        tasks = {}

        def show(step: Step) -> None:
            if step.name not in tasks:
                tasks[step.name] = progress.add_task(step.name, total=step.total)
            progress.update(tasks[step.name], advance=step.rows)

        yield show


class _PlainSteps:
    """Prints a line for each step, and for each tenth of it."""

    def __init__(self) -> None:
        self._name = ""
        self._rows = 0
        self._tenth = 0

    def show(self, step: Step) -> None:
        if step.name != self._name:
            self._name, self._rows, self._tenth = step.name, 0, -1
        self._rows += step.rows
        tenth = 10 * self._rows // max(step.total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            print(f"{step.name}  {self._rows:,} of {step.total:,} rows", flush=True)  # noqa: T201


def print_optimized(done: Optimized, *, at_once: bool) -> None:
    """Print what was done to put a lake in order; unless `at_once`, replaced files are kept."""
    did = [
        f"{done.merged:,} files merged" if done.merged else "",
        f"{done.dropped:,} rows dropped" if done.dropped else "",
        f"{done.segments:,} segments written" if done.segments else "",
        f"{done.ordered:,} files written by wavelength" if done.ordered else "",
        f"{decimal(done.freed)} freed" if done.freed else "",
    ]
    told = ", ".join(word for word in did if word) or "nothing was to be done"
    out.print(told, highlight=False)
    if done.merged and not at_once:
        out.print(
            "the files that were merged are kept for an hour, for searches "
            "that read them; the next `optimize` deletes them",
            soft_wrap=True,
        )
    if done.stopped:
        out.print("stopped: what was done stays; the same command goes on from there")


def print_summary(summary: Summary, due: int) -> None:
    """Print what became of all files, and whether the lake is due to be put in order."""
    counts = ", ".join(f"{summary.count(fate)} {fate}" for fate in Fate if summary.count(fate))
    none = "no file taken" if summary.stopped else "no file found"
    out.print(f"{counts or none}; {summary.pixels:,} pixels written", highlight=False)
    if err.is_terminal and summary.refused:
        out.print(f"refused: {len(summary.refused)}, for the reasons above", highlight=False)
    if summary.stopped:
        out.print("stopped: what was taken is kept; the same command goes on from there")
    if due:
        out.print(
            f"{due:,} files of pixels are not optimized: `spectraldb optimize` makes searches fast",
            highlight=False,
        )
