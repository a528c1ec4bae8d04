"""Plan of an ingest: batches of files, and files that are refused before they are read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from spectraldb.errors import RefusedError
from spectraldb.ingest.inventory import IngestTask, Inventory
from spectraldb.ingest.outcome import Action, Outcome
from spectraldb.lake.ids import ProductIds
from spectraldb.storage.source import FileSource, Source

BATCH_FILES = 16
BATCH_BYTES = 32 * 2**20

SMALL_FILES = 400
SMALL_BYTES = 64 * 2**20
"""One process reads this many files or bytes in the second that starting another one takes."""

Batch = list[IngestTask]


@dataclass(frozen=True)
class Plan:
    """The tasks of an ingest."""

    batches: list[Batch] = field(default_factory=list)
    refused: list[Outcome] = field(default_factory=list)
    """Outcomes of files that are not read: refused, or duplicates."""

    @property
    def n_files(self) -> int:
        """Number of files, including those that are not read."""
        return len(self.refused) + sum(map(len, self.batches))

    @property
    def is_small(self) -> bool:
        """Whether one process can read all files before others have started."""
        files = [task.source for batch in self.batches for task in batch]
        return len(files) <= SMALL_FILES and sum(map(_size, files)) <= SMALL_BYTES


def make_plan(inventory: Inventory, files: Iterable[Source], layout: str | None = None) -> Plan:
    """Return the plan to ingest files in a layout, or in that of each file.

    If several files belong to one product, all but the first are duplicates.
    """
    ids = ProductIds()
    tasks: list[IngestTask] = []
    refused: list[Outcome] = []
    locations: dict[str, str] = {}
    for source in files:
        planned = _task(inventory, source, ids.next())
        if isinstance(planned, Outcome):
            refused.append(planned)
        elif planned.uri in locations:
            refused.append(_duplicate(planned, locations[planned.uri]))
        else:
            locations[planned.uri] = source.location
            tasks.append(replace(planned, layout=layout))
    return Plan(list(_batches(tasks)), refused)


def _task(inventory: Inventory, source: Source, product_id: int) -> IngestTask | Outcome:
    """Return the task of a file, or its outcome if it is refused."""
    try:
        source.location.encode()
        if not (isinstance(source, FileSource) and source.is_special()):
            return inventory.task(source, product_id)
        reason = "This is not a regular file, but a device, a pipe or a socket."
    except UnicodeEncodeError:
        reason = "The path is not valid UTF-8."
    except RefusedError as error:
        reason = str(error)
    except OSError as error:
        reason = f"The file cannot be read: {error.strerror or error}"
    return Outcome(source.location, Action.REFUSED, reason=reason)


def _duplicate(task: IngestTask, location: str) -> Outcome:
    reason = f"The same product as {location}, which this run ingests."
    return Outcome(task.source.location, Action.DUPLICATE, task.uri, reason)


def _batches(tasks: Iterable[IngestTask]) -> Iterator[Batch]:
    """Yield batches of tasks, limited in files and bytes."""
    batch: Batch = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += _size(task.source)
        if size >= BATCH_BYTES or len(batch) >= BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(source: Source) -> int:
    try:
        return source.stat().size
    except OSError:
        return 0
