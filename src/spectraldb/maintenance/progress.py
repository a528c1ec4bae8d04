"""Progress and cancellation of maintenance."""

from collections.abc import Callable
from dataclasses import dataclass

from spectraldb.cancellation import Cancellation


@dataclass(frozen=True)
class Step:
    """A step of progress."""

    name: str
    """Label of the work, such as "Merging SpectralPixel"."""
    rows: int
    """Number of rows processed since the previous step."""
    total: int
    """Total number of rows of the work."""


Report = Callable[[Step], None]


@dataclass(frozen=True)
class Progress:
    """Reports steps, and polls two cancellation tokens."""

    report: Report
    cancel: Cancellation
    """Token of the user."""
    lease: Cancellation
    """Token of the lock, which another process may take over."""

    def task(self, name: str, total: int) -> "Task":
        """Return the progress of work with a label and a total number of rows."""
        return Task(self, name, total)

    def check(self) -> None:
        """Raise LakeError if the lock is lost, or Cancelled if the user cancelled."""
        self.lease.check()
        self.cancel.check()


@dataclass(frozen=True)
class Task:
    """The progress of one kind of work."""

    progress: Progress
    name: str
    total: int

    def advance(self, rows: int) -> None:
        """Report processed rows; raise the errors of `Progress.check`."""
        self.progress.report(Step(self.name, rows, self.total))
        self.progress.check()
