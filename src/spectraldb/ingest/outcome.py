"""The outcome of an ingest, for each file and in all."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class Action(StrEnum):
    """What an ingest did with a file; the values are those that the command prints."""

    INGESTED = "ingested"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    MOVED = "moved"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """The outcome for one file."""

    location: str
    """Path of the file, or the URI of an object."""
    action: Action
    uri: str = ""
    """URI of the product."""
    reason: str = ""
    """Why it was refused."""
    pixels: int = 0
    """Number of pixels written."""

    @property
    def name(self) -> str:
        """The name of the file."""
        return PurePosixPath(self.location).name


@dataclass
class Summary:
    """The outcomes of an ingest."""

    outcomes: list[Outcome]
    stopped: bool = False
    """Whether it was cancelled before all files were ingested."""

    def count(self, action: Action) -> int:
        """Return the number of files with an action."""
        return sum(outcome.action is action for outcome in self.outcomes)

    @property
    def pixels(self) -> int:
        """Number of pixels written."""
        return sum(outcome.pixels for outcome in self.outcomes)

    @property
    def refused(self) -> list[Outcome]:
        """The refused files, with their reasons."""
        return [outcome for outcome in self.outcomes if outcome.action is Action.REFUSED]
