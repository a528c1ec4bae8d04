"""One of those that are asked the same questions, and what was measured of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import pyarrow as pa

from bench.contender import in_turn
from bench.search.question import Question
from bench.timing import Timing

ROUNDS = 30
ENOUGH_S = 10
"""Seconds of one question, after which a contender has been measured often enough..."""
FEWEST = 5
"""...if it was asked so many times."""

Rows = list[tuple[Any, ...]]


class NotInstalledError(Exception):
    """A rival's programs are not on this machine; its row is left out."""


def rows(answer: Any) -> Rows:  # noqa: ANN401 - each gives what its library gives
    """Return an answer's rows, without `y`, which no extracted spectrum has."""
    if not isinstance(answer, pa.Table):
        return [tuple(row) for row in answer]
    names = [name for name in answer.column_names if name != "y"]
    return list(zip(*(answer[name].to_pylist() for name in names), strict=True))


@dataclass
class Contender:
    """A database with the rows of a lake."""

    name: str
    ask: Callable[[Question], Any]
    read: Callable[[Any], Rows] = rows
    """Makes rows of what `ask` gave, for the comparison; not timed."""
    loaded: float = 0.0
    """Seconds that the rows took to load; 0 where they were not loaded for this."""
    size: int = 0
    """Bytes on disk."""
    times: dict[str, Timing] = field(default_factory=dict)

    def measure(self, question: Question) -> None:
        """Ask once, if that was not done often enough."""
        timing = self.times.setdefault(question.title, Timing())
        if len(timing.seconds) >= FEWEST and sum(timing.seconds) > ENOUGH_S:
            return
        start = perf_counter()
        self.ask(question)
        timing.add(perf_counter() - start)


def compare(contenders: Sequence[Contender], question: Question) -> int:
    """Return how many rows are found; raise ValueError if not all give the same."""
    first, *others = contenders
    expected = first.read(first.ask(question))
    for other in others:
        if other.read(other.ask(question)) != expected:
            raise ValueError(f"{other.name} and {first.name} differ on {question.text}")
    return int(expected[0][0]) if question.counts else len(expected)


def time_all(contenders: list[Contender], question: Question) -> None:
    """Measure them in turn; their answers were compared, which warmed them up."""
    for number in range(ROUNDS):
        for contender in in_turn(contenders, number):
            contender.measure(question)
