"""The progress of maintenance: steps to report, and when to end."""

from collections.abc import Callable
from dataclasses import dataclass

from spectraldb.cancellation import Cancellation


@dataclass(frozen=True)
class Step:
    """A step forward."""

    name: str
    """Label of the work, such as "Merging SpectralPixel"."""
    rows: int
    """Rows processed since the last step."""
    total: int
    """Rows that the work of this name has in all."""


Report = Callable[[Step], None]


@dataclass(frozen=True)
class Progress:
    """Reports steps, and polls the two tokens that end the work."""

    report: Report
    cancel: Cancellation
    """That of the user."""
    lease: Cancellation
    """That of the lock, which another process may have taken over."""

    def task(self, name: str, total: int) -> "Task":
        """Return the progress of work that has a total of rows."""
        return Task(self, name, total)

    def check(self) -> None:
        """Raise LakeError if the lock is lost, Cancelled if the user cancelled."""
        self.lease.check()
        self.cancel.check()


@dataclass(frozen=True)
class Task:
    """The progress of one kind of work."""

    progress: Progress
    name: str
    total: int

    def advance(self, rows: int) -> None:
        """Report rows that were processed; raises as `Progress.check`."""
        self.progress.report(Step(self.name, rows, self.total))
        self.progress.check()
