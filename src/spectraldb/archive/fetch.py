"""Fetch products: download files in parallel, and ingest them in batches."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from spectraldb.archive.download import Downloader, ReportBytes
from spectraldb.archive.mast import Archive, ArchiveProduct
from spectraldb.archive.plan import FetchPlan, make_plan
from spectraldb.archive.query import ArchiveQuery
from spectraldb.archive.renames import find_renamed
from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.errors import ArchiveError
from spectraldb.ingest.outcome import Action, Summary
from spectraldb.service.service import Service

BATCH_FILES = 100
"""Number of files per ingest; small, so that an interruption loses little."""


@dataclass
class FetchResult:
    """Result of a fetch.  Not thread-safe."""

    files: int = 0
    """Number of downloaded files."""
    failed: list[str] = field(default_factory=list)
    """Reasons of the downloads that failed."""
    summary: Summary = field(default_factory=lambda: Summary([]))
    """Outcomes of the ingests."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Renamed products that were removed from the lake, each with its new name."""
    stopped: bool = False


@dataclass(frozen=True)
class FetchCallbacks:
    """Functions that report progress."""

    on_bytes: ReportBytes = lambda _: None
    """Called from the download threads."""
    on_file: Callable[[ArchiveProduct, str], None] = lambda _, __: None
    """Called for each file with the reason of its failure, or an empty string."""


SILENT = FetchCallbacks()


@dataclass(frozen=True)
class Fetcher:
    """Downloads the products of plans, and ingests them into a lake.

    Not thread-safe.  Its download threads share only the downloader and the callback for bytes.
    """

    service: Service
    archive: Archive
    downloader: Downloader
    workers: int
    """Number of parallel downloads."""
    copy: bool = False
    """Whether to store copies of the files in the lake and delete the downloaded files."""
    cancel: Cancellation = NEVER

    def plan(self, query: ArchiveQuery) -> FetchPlan:
        """Return the plan for the products of a query; raises the errors of `Archive.list`."""
        listed = self.archive.list(query)
        return make_plan(listed, self.service.products(), token=self.downloader.has_token)

    def run(self, plan: FetchPlan, callbacks: FetchCallbacks = SILENT) -> FetchResult:
        """Download and ingest the products of a plan.

        After a cancellation, downloaded files remain and the next run resumes from there.
        """
        result = FetchResult()
        batch: list[Path] = []
        for product, path, failure in self._downloads(plan.fetch, callbacks.on_bytes):
            if failure:
                result.failed.append(failure)
            elif path is not None:
                result.files += 1
                batch.append(path)
            callbacks.on_file(product, failure)
            if len(batch) >= BATCH_FILES:
                self._ingest_batch(batch, result)
        self._ingest_batch(batch, result)
        result.stopped = self.cancel.requested()
        if not result.stopped:
            result.renamed = self._remove_renamed(result)
        return result

    def _downloads(
        self, products: list[ArchiveProduct], report: ReportBytes
    ) -> Iterator[tuple[ArchiveProduct, Path | None, str]]:
        """Yield each product on completion, with its file or the reason of its failure."""
        remaining = iter(products)
        with ThreadPoolExecutor(self.workers) as pool:
            running: dict[Future[Path | None], ArchiveProduct] = {}
            while True:
                while len(running) < self.workers and not self.cancel.requested():
                    product = next(remaining, None)
                    if product is None:
                        break
                    task = pool.submit(self.downloader.download, product, report, self.cancel)
                    running[task] = product
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield _completed(running.pop(future), future)

    def _ingest_batch(self, batch: list[Path], result: FetchResult) -> None:
        """Ingest downloaded files, even after a cancellation, so that no download is lost."""
        if not batch:
            return
        outcomes = self.service.ingest(batch, copy=self.copy).outcomes
        result.summary.outcomes.extend(outcomes)
        for outcome in outcomes if self.copy else ():
            if outcome.action is not Action.REFUSED:
                Path(outcome.location).unlink(missing_ok=True)
        batch.clear()

    def _remove_renamed(self, result: FetchResult) -> dict[str, str]:
        """Remove renamed products and their downloaded files."""
        new = [outcome.uri for outcome in result.summary.outcomes if outcome.uri]
        held = {record.uri: Path(record.location) for record in self.service.products()}
        renamed = find_renamed(new, list(held), self.archive.has)
        self.service.remove(list(renamed))
        for uri in renamed:
            if held[uri].is_relative_to(self.downloader.folder):
                held[uri].unlink(missing_ok=True)
        return renamed


def _completed(
    product: ArchiveProduct, future: Future[Path | None]
) -> tuple[ArchiveProduct, Path | None, str]:
    try:
        return product, future.result(), ""
    except ArchiveError as error:
        return product, None, str(error)
