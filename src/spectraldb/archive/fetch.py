"""Fetching: files come side by side, and go into the lake some at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from spectraldb.archive.download import Advance, Downloads
from spectraldb.archive.mast import Archive, Listed
from spectraldb.archive.plan import Plan
from spectraldb.archive.renames import replaced_by
from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import ArchiveError
from spectraldb.ingest.outcome import Fate, Summary
from spectraldb.service.service import Service

INGEST_FILES = 100
"""After so many files the lake takes them in, so that little is lost if the work is cut off."""


@dataclass
class Fetched:
    """What became of a plan."""

    files: int = 0
    failed: list[str] = field(default_factory=list)
    """Why, a message for each file."""
    summary: Summary = field(default_factory=lambda: Summary([]))
    renamed: dict[str, str] = field(default_factory=dict)
    """Products that were taken out of the lake, with the names that stand for them now."""
    stopped: bool = False


@dataclass(frozen=True)
class Follow:
    """Who is told how far it is."""

    bytes: Advance = lambda _: None
    file: Callable[[Listed, str], None] = lambda _, __: None
    """A file, and why it failed; empty if it did not."""


@dataclass(frozen=True)
class Fetch:
    """Fetches what plans say, and takes it into a lake."""

    service: Service
    archive: Archive
    downloads: Downloads
    workers: int
    """How many files come at the same time."""
    copy: bool = False
    """Whether the lake keeps copies, and the files go once they are in it."""
    follow: Follow = Follow()
    cancel: Cancellation = NEVER

    def run(self, plan: Plan) -> Fetched:
        """Do what a plan says.

        Files that come are kept: the same again goes on where this was stopped.
        """
        fetched = Fetched()
        waiting: list[Path] = []
        for listed, path, reason in self._downloaded(plan.fetch):
            if reason:
                fetched.failed.append(reason)
            elif path is not None:
                fetched.files += 1
                waiting.append(path)
            self.follow.file(listed, reason)
            if len(waiting) >= INGEST_FILES:
                self._take(waiting, fetched)
        self._take(waiting, fetched)
        fetched.stopped = self.cancel.requested()
        if not fetched.stopped:
            fetched.renamed = self._drop_old_names(fetched)
        return fetched

    def _downloaded(self, wanted: list[Listed]) -> Iterator[tuple[Listed, Path | None, str]]:
        """Yield each product with its file, or why there is none, as they come."""
        todo = iter(wanted)
        with ThreadPoolExecutor(self.workers) as pool:
            running: dict[Future[Path | None], Listed] = {}
            while True:
                while len(running) < self.workers and not self.cancel.requested():
                    listed = next(todo, None)
                    if listed is None:
                        break
                    task = pool.submit(self.downloads.fetch, listed, self.follow.bytes, self.cancel)
                    running[task] = listed
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _outcome(running.pop(future), future)

    def _take(self, waiting: list[Path], fetched: Fetched) -> None:
        """Take files into the lake, even if the work is to stop: what has come is not lost."""
        if waiting:
            outcomes = self.service.ingest(waiting, copy=self.copy).outcomes
            fetched.summary.outcomes.extend(outcomes)
            for outcome in outcomes if self.copy else ():
                if outcome.fate is not Fate.REFUSED:
                    Path(outcome.location).unlink(missing_ok=True)
            waiting.clear()

    def _drop_old_names(self, fetched: Fetched) -> dict[str, str]:
        """Take products out whose names changed, and the files that were fetched of them."""
        new = [outcome.uri for outcome in fetched.summary.outcomes if outcome.uri]
        held = {record.uri: Path(record.location) for record in self.service.products()}
        renamed = replaced_by(new, list(held), self.archive.has)
        self.service.remove(list(renamed))
        for uri in renamed:
            if held[uri].is_relative_to(self.downloads.folder):
                held[uri].unlink(missing_ok=True)
        return renamed


def _outcome(listed: Listed, future: Future[Path | None]) -> tuple[Listed, Path | None, str]:
    try:
        return listed, future.result(), ""
    except ArchiveError as error:
        return listed, None, str(error)
