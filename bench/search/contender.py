"""The databases that run the same searches, and their measurements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any

import pyarrow as pa

from bench.contender import in_turn
from bench.search.question import Question
from bench.timing import Timing

ROUNDS = 30
ENOUGH_S = 10
"""Total seconds after which a search is not repeated, ..."""
FEWEST = 5
"""... once it has run this many times."""

Rows = list[tuple[Any, ...]]


class NotInstalledError(Exception):
    """The programs of a rival are not installed; its row is omitted."""


def rows(answer: Any) -> Rows:  # noqa: ANN401 - the type depends on the library
    """Return the rows of a result, without `y` if it is null, as in extracted spectra."""
    if not isinstance(answer, pa.Table):
        return [tuple(row) for row in answer]
    names = [n for n in answer.column_names if n != "y" or answer["y"].null_count == 0]
    return list(zip(*(answer[name].to_pylist() for name in names), strict=True))


@dataclass
class Contender:
    """A database with the rows of a lake."""

    name: str
    ask: Callable[[Question], Any]
    read: Callable[[Any], Rows] = rows
    """Converts a result of `ask` to rows for the comparison. Not timed."""
    cpu: Callable[[], float] = process_time
    """Returns the seconds of CPU time that its processes have used."""
    loaded: float = 0.0
    """Seconds to load the rows; 0 if they were not loaded for this benchmark."""
    size: int = 0
    """Size on disk in bytes."""
    times: dict[str, Timing] = field(default_factory=dict)
    cpu_times: dict[str, Timing] = field(default_factory=dict)

    def text(self, question: Question) -> str:
        """Return the median times of a search, as in `5.1 ms (4.8 ms CPU)`."""
        cpu = self.cpu_times[question.title]
        return f"{self.times[question.title].short} ({cpu.mean_text} CPU)"

    def measure(self, question: Question) -> None:
        """Run a search once, unless it has been measured often enough."""
        timing = self.times.setdefault(question.title, Timing())
        if len(timing.seconds) >= FEWEST and sum(timing.seconds) > ENOUGH_S:
            return
        start, cpu = perf_counter(), self.cpu()
        self.ask(question)
        timing.add(perf_counter() - start)
        self.cpu_times.setdefault(question.title, Timing()).add(self.cpu() - cpu)


def compare(contenders: Sequence[Contender], question: Question) -> int:
    """Return the number of rows found; raise ValueError if the results differ."""
    first, *others = contenders
    expected = first.read(first.ask(question))
    for other in others:
        if other.read(other.ask(question)) != expected:
            raise ValueError(
                f"The results of {other.name} and {first.name} differ: {question.text}"
            )
    return int(expected[0][0]) if question.counts else len(expected)


def time_all(contenders: list[Contender], question: Question) -> None:
    """Measure all in turn. The comparison of their results has warmed them up."""
    for number in range(ROUNDS):
        for contender in in_turn(contenders, number):
            contender.measure(question)
