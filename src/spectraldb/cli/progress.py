"""How an ingest is followed: a bar on a terminal, a plain line for each file elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from spectraldb.cli.show import err, out
from spectraldb.ingest.outcome import Fate, Outcome, Summary
from spectraldb.ingest.run import Report


@contextmanager
def following(total: int) -> Iterator[Report]:
    """Give a function that shows each outcome."""
    if not err.is_terminal:
        yield _line
        return
    columns = (TextColumn("ingest"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("{task.fields[name]}"))  # fmt: skip
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("", total=total, name="")

        def show(outcome: Outcome) -> None:
            progress.update(task, advance=1, name=outcome.path.name)
            if outcome.fate is Fate.REFUSED:
                progress.console.print(
                    _refusal(outcome), style="red", highlight=False, markup=False
                )

        yield show


def _line(outcome: Outcome) -> None:
    if outcome.fate is Fate.REFUSED:
        print(_refusal(outcome), flush=True)  # noqa: T201
    else:
        print(f"{outcome.fate}  {outcome.path}  {outcome.uri}", flush=True)  # noqa: T201


def _refusal(outcome: Outcome) -> str:
    return f"refused  {outcome.path}: {outcome.reason}"


def print_summary(summary: Summary) -> None:
    """Print what became of all files."""
    counts = ", ".join(f"{summary.count(fate)} {fate}" for fate in Fate if summary.count(fate))
    out.print(f"{counts or 'no file found'}; {summary.pixels:,} pixels written", highlight=False)
    if err.is_terminal and summary.refused:
        out.print(f"refused: {len(summary.refused)}, for the reasons above", highlight=False)
    if summary.stopped:
        out.print("stopped: what was taken is kept; the same command goes on from there")
