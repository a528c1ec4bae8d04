"""An ingest: batches of files go to worker processes, what comes back is committed."""

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial

from spectraldb.cancellation import NEVER, Cancellation, Cancelled
from spectraldb.errors import RefusedError
from spectraldb.ingest.inventory import Known, Task
from spectraldb.ingest.outcome import Fate, Outcome, Summary
from spectraldb.ingest.pool import WORKER_CANCELLATION, worker_pool
from spectraldb.ingest.worker import Taken, take_files
from spectraldb.lake.copies import delete_copies
from spectraldb.lake.ids import ProductIds
from spectraldb.lake.lake import Lake
from spectraldb.storage.source import Source

BATCH_FILES = 16
BATCH_BYTES = 32 * 2**20

FEW_FILES = 400
FEW_BYTES = 64 * 2**20
"""A process takes a second to start, in which another reads so many small files or bytes."""

Report = Callable[[Outcome], None]


@dataclass(frozen=True)
class Plan:
    """The tasks of an ingest in batches, and files that were refused before reading."""

    batches: list[list[Task]]
    refused: list[Outcome]

    @property
    def n_files(self) -> int:
        """How many files there are."""
        return len(self.refused) + sum(map(len, self.batches))


def ingest_files(  # noqa: PLR0913 - each is one thing that an ingest needs to know
    lake: Lake,
    known: Known,
    files: Iterable[Source],
    *,
    copy: bool = False,
    workers: int | None = None,
    report: Report = lambda _: None,
    cancel: Cancellation = NEVER,
) -> Summary:
    """Take files into the lake.

    Parameters
    ----------
    lake
        The lake.
    known
        What it holds.
    files
        The files.
    copy
        Whether to keep copies of them with the lake's own.
    workers
        How many processes read; None for one a core.
    report
        Called with each outcome, once what it tells is committed.
    cancel
        Cancellation token.  What is not committed then is as if never begun.

    Returns
    -------
    Summary
        What became of every file.  Of an ingest that was stopped it says so, and the same call
        goes on from there.
    """
    plan = _plan(known, files)
    summary = Summary([])

    def note(outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            summary.outcomes.append(outcome)
            report(outcome)

    note(plan.refused)
    take = partial(take_files, lake.store, copy)
    results = _results(take, plan.batches, workers, cancel)
    with contextlib.closing(results), contextlib.suppress(Cancelled):
        for taken in results:
            lake.commit(taken.files, taken.rows)
            delete_copies(lake.store, known.committed(taken.rows))
            note(taken.outcomes)
            if cancel.requested():
                break
    summary.stopped = len(summary.outcomes) < plan.n_files
    return summary


def _plan(known: Known, files: Iterable[Source]) -> Plan:
    """Part files into batches; two files of one URI cannot both be taken."""
    ids = ProductIds()
    plan = Plan([[]], [])
    first: dict[str, str] = {}
    size = 0
    for source in files:
        place = source.location
        try:
            place.encode()
            task = known.task(source, ids.next())
        except UnicodeEncodeError:
            plan.refused.append(Outcome(place, Fate.REFUSED, reason="its path is no UTF-8 text"))
            continue
        except RefusedError as error:
            plan.refused.append(Outcome(place, Fate.REFUSED, reason=str(error)))
            continue
        except OSError as error:
            reason = f"it cannot be read: {error.strerror or error}"
            plan.refused.append(Outcome(place, Fate.REFUSED, reason=reason))
            continue
        if task.uri in first:
            reason = f"{first[task.uri]} of this run has the same name: ingest one of them"
            plan.refused.append(Outcome(place, Fate.REFUSED, task.uri, reason))
            continue
        first[task.uri] = place
        size += _size(source)
        plan.batches[-1].append(task)
        if size >= BATCH_BYTES or len(plan.batches[-1]) >= BATCH_FILES:
            plan.batches.append([])
            size = 0
    return Plan([batch for batch in plan.batches if batch], plan.refused)


def _size(source: Source) -> int:
    try:
        return source.stat().size
    except OSError:
        return 0


Take = Callable[[list[Task], Cancellation], Taken]


def _results(
    take: Take, batches: list[list[Task]], workers: int | None, cancel: Cancellation
) -> Generator[Taken]:
    """Yield what came of each batch; a single one is read here, sparing a process.

    Raises Cancelled.
    """
    workers = workers or (os.cpu_count() or 1 if _is_much(batches) else 1)
    if len(batches) <= 1 or workers == 1:
        for batch in batches:
            yield take(batch, cancel)
        return
    left = list(batches)
    with worker_pool(min(workers, len(batches)), cancel) as pool:
        waiting = {pool.submit(take, batch, WORKER_CANCELLATION): batch for batch in batches}
        for future in as_completed(waiting):
            with contextlib.suppress(BrokenProcessPool):
                yield future.result()
                left.remove(waiting[future])
    # A process that dies takes all others of its pool along: what they had not done is done
    # again in smaller and smaller parts, until it is known which file it dies of.
    for batch in left:
        yield from _alone(take, batch, cancel)


def _alone(take: Take, batch: list[Task], cancel: Cancellation) -> Iterator[Taken]:
    """Take files in a process of their own; if it dies, in two parts."""
    try:
        with worker_pool(1, cancel) as pool:
            taken = pool.submit(take, batch, WORKER_CANCELLATION).result()
    except BrokenProcessPool:
        if len(batch) > 1:
            yield from _alone(take, batch[: len(batch) // 2], cancel)
            yield from _alone(take, batch[len(batch) // 2 :], cancel)
            return
        reason = "the process that read it died; perhaps there was not memory enough"
        taken = Taken(outcomes=[Outcome(batch[0].source.location, Fate.REFUSED, reason=reason)])
    yield taken


def _is_much(batches: list[list[Task]]) -> bool:
    """Tell whether there is more to read than takes as long as to start processes."""
    files = [task.source for batch in batches for task in batch]
    return len(files) > FEW_FILES or sum(map(_size, files)) > FEW_BYTES
