"""The servers whose retrievals are compared."""

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
    """A server, its client, and the measurements so far."""

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
        """Send one request and record its times and size, and the peak memory of the server."""
        memory.reset_peak(self.server.pid)
        reply = self.client.get()
        self.peak = max(self.peak, memory.peak(self.server.pid) or 0)
        self.whole.add(reply.seconds)
        self.first_byte.add(reply.first_byte)
        self.size = reply.size

    @property
    def peak_text(self) -> str:
        """Peak memory of the server, and its increase over the idle server."""
        if not self.peak:
            return "unknown"
        return f"{self.peak / MIB:,.0f} MiB (+{(self.peak - self.idle) / MIB:,.0f})"


def megabytes(size: int) -> str:
    """Format a number of bytes in MB."""
    return f"{size / 1e6:,.2f} MB"


def interleave(contenders: list[Contender], rounds: int) -> None:
    """Measure all in turn, so that other work on the machine affects them equally."""
    for number in range(rounds):
        for contender in in_turn(contenders, number):
            contender.measure()


def in_turn(things: list[Thing], number: int) -> list[Thing]:
    """Rotate the order in each round, because each run can slow down the next."""
    first = number % len(things)
    return things[first:] + things[:first]
