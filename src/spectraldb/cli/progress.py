"""Progress of long commands: a bar on a terminal, lines of text elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from spectraldb.archive.fetch import FetchCallbacks
from spectraldb.archive.mast import ArchiveProduct
from spectraldb.archive.plan import FetchPlan
from spectraldb.cli.console import err
from spectraldb.ingest.outcome import Action, Outcome
from spectraldb.ingest.run import Report
from spectraldb.maintenance.check import CheckReport
from spectraldb.maintenance.progress import Report as StepReport
from spectraldb.maintenance.progress import Step

LEFT_OUT = (Action.REFUSED, Action.SKIPPED, Action.DUPLICATE)
"""Outcomes that have a reason."""
_STYLES = {Action.REFUSED: "red", Action.SKIPPED: "yellow", Action.DUPLICATE: "yellow"}


@contextmanager
def ingest_progress(total: int) -> Iterator[Report]:
    """Yield a callback that shows the outcome of each of `total` files."""
    if not err.is_terminal:
        yield _print_outcome
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
            if outcome.action in LEFT_OUT:
                progress.console.print(
                    _refusal(outcome), style=_STYLES[outcome.action], highlight=False, markup=False
                )

        yield show


def _print_outcome(outcome: Outcome) -> None:
    if outcome.action in LEFT_OUT:
        print(_refusal(outcome), flush=True)  # noqa: T201 - one plain line for each file
    else:
        print(f"{outcome.action}  {outcome.location}  {outcome.uri}", flush=True)  # noqa: T201 - as above


def _refusal(outcome: Outcome) -> str:
    return f"{outcome.action}  {outcome.location}: {outcome.reason}"


@contextmanager
def check_progress(total: int) -> Iterator[CheckReport]:
    """Yield a callback that shows the number of files checked, on a terminal."""
    if not err.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("check"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda _: progress.advance(task)


@contextmanager
def optimize_progress() -> Iterator[StepReport]:
    """Yield a callback that shows each step of an optimization."""
    if not err.is_terminal:
        yield _StepPrinter().show
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


class _StepPrinter:
    """Prints a line for each tenth of a step; for one thread."""

    def __init__(self) -> None:
        self._name = ""
        self._rows = 0
        self._tenth = 0

    def show(self, step: Step) -> None:
        """Add the rows of a step, and print a line if another tenth is done."""
        if step.name != self._name:
            self._name, self._rows, self._tenth = step.name, 0, -1
        self._rows += step.rows
        tenth = 10 * self._rows // max(step.total, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            line = f"{step.name}  {self._rows:,} of {step.total:,} rows"
            print(line, flush=True)  # noqa: T201 - a plain line, of any length


@contextmanager
def fetch_progress(plan: FetchPlan) -> Iterator[FetchCallbacks]:
    """Yield the callbacks that show the progress of the downloads."""
    if not err.is_terminal:
        yield FetchCallbacks(on_file=_print_file)
        return
    columns = (
        TextColumn("fetch"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[name]}"),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("", total=plan.size or None, name="")

        def show(product: ArchiveProduct, failure: str) -> None:
            progress.update(task, name=product.file_name)
            if failure:
                progress.console.print(failure, style="red", highlight=False, markup=False)

        yield FetchCallbacks(on_bytes=lambda n: progress.advance(task, n), on_file=show)


def _print_file(product: ArchiveProduct, failure: str) -> None:
    line = f"failed  {failure}" if failure else f"fetched  {product.uri}"
    print(line, flush=True)  # noqa: T201 - one plain line for each file
