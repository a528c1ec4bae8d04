"""One of those that are measured side by side on a retrieval."""

from dataclasses import dataclass, field
from typing import TypeVar

from bench import memory
from bench.client import Client
from bench.memory import MIB
from bench.server import Server
from bench.timing import Timing

Thing = TypeVar("Thing")


@dataclass
class Contender:
    """A server, a client of it, and what was measured so far."""

    name: str
    server: Server
    client: Client
    whole: Timing = field(default_factory=Timing)
    first_byte: Timing = field(default_factory=Timing)
    size: int = 0
    peak: int = 0

    def __post_init__(self) -> None:
        self.idle = memory.resident(self.server.pid) or 0

    def measure(self) -> None:
        """Ask once, and note how it went."""
        memory.reset_peak(self.server.pid)
        reply = self.client.get()
        self.peak = max(self.peak, memory.peak(self.server.pid) or 0)
        self.whole.add(reply.seconds)
        self.first_byte.add(reply.first_byte)
        self.size = reply.size

    @property
    def peak_text(self) -> str:
        """The server's peak memory, and how much of it is above what it has at rest."""
        if not self.peak:
            return "not told"
        return f"{self.peak / MIB:,.0f} MiB (+{(self.peak - self.idle) / MIB:,.0f})"


def megabytes(size: int) -> str:
    """Return a number of bytes in MB."""
    return f"{size / 1e6:,.2f} MB"


def interleave(contenders: list[Contender], rounds: int) -> None:
    """Measure them in turn, so that other work on the machine slows all of them alike."""
    for number in range(rounds):
        for contender in in_turn(contenders, number):
            contender.measure()


def in_turn(things: list[Thing], number: int) -> list[Thing]:
    """Return them with another one first each round: what one leaves behind slows the next."""
    first = number % len(things)
    return things[first:] + things[:first]
