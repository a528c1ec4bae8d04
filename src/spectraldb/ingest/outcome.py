"""What became of a file."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class Fate(StrEnum):
    """What ingest did with a file."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    MOVED = "moved"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """A file, what became of it, and why if it was refused."""

    location: str
    """A path, or the URI of an object."""
    fate: Fate
    uri: str = ""
    reason: str = ""
    pixels: int = 0

    @property
    def name(self) -> str:
        """The name of the file."""
        return PurePosixPath(self.location).name


@dataclass
class Summary:
    """What became of all files of an ingest."""

    outcomes: list[Outcome]
    stopped: bool = False

    def count(self, fate: Fate) -> int:
        """Return how many files had this fate."""
        return sum(outcome.fate is fate for outcome in self.outcomes)

    @property
    def pixels(self) -> int:
        """How many pixels were written."""
        return sum(outcome.pixels for outcome in self.outcomes)

    @property
    def refused(self) -> list[Outcome]:
        """The files that were not taken, with their reasons."""
        return [outcome for outcome in self.outcomes if outcome.fate is Fate.REFUSED]
