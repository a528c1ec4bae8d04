"""Outcomes of an ingest: one for each file, and their summary."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class Action(StrEnum):
    """What an ingest did with a file.  The command prints the values."""

    INGESTED = "ingested"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    MOVED = "moved"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
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
    """Why the file was refused or skipped, or what it duplicates."""
    layout: str = ""
    """Name of the layout of an ingested or replaced file."""
    pixels: int = 0
    """Number of pixels written."""

    @property
    def name(self) -> str:
        """Name of the file."""
        return PurePosixPath(self.location).name


@dataclass
class Summary:
    """The outcomes of an ingest."""

    outcomes: list[Outcome]
    stopped: bool = False
    """Whether the ingest was cancelled before it reached all files."""

    def count(self, action: Action) -> int:
        """Return the number of files with an action."""
        return sum(outcome.action is action for outcome in self.outcomes)

    @property
    def layouts(self) -> Counter[str]:
        """Number of the files that were read, by layout."""
        return Counter(outcome.layout for outcome in self.outcomes if outcome.layout)

    @property
    def pixels(self) -> int:
        """Number of pixels written."""
        return sum(outcome.pixels for outcome in self.outcomes)

    @property
    def refused(self) -> list[Outcome]:
        """The refused files, with their reasons."""
        return [outcome for outcome in self.outcomes if outcome.action is Action.REFUSED]
