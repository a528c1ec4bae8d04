"""An ingest: batches of files go to worker processes, what comes back is committed."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spectraldb.ingest.known import Known, Task
from spectraldb.ingest.outcome import Fate, Outcome, Summary
from spectraldb.ingest.take import Taken, take_files
from spectraldb.lake.copies import drop_copies
from spectraldb.lake.ids import ProductIds
from spectraldb.lake.lake import Lake

BATCH_FILES = 16
BATCH_BYTES = 32 * 2**20

Report = Callable[[Outcome], None]


@dataclass(frozen=True)
class Plan:
    """The tasks of an ingest in batches, and files that were refused before reading."""

    batches: list[list[Task]]
    refused: list[Outcome]


def ingest_files(
    lake: Lake,
    known: Known,
    paths: Iterable[Path],
    *,
    copy: bool = False,
    workers: int | None = None,
    report: Report = lambda _: None,
) -> Summary:
    """Take files into the lake.

    Parameters
    ----------
    lake
        The lake.
    known
        What it holds.
    paths
        Absolute paths of files.
    copy
        Whether to keep copies of the files in the lake's folder.
    workers
        How many processes read; None for one a core.
    report
        Called with each outcome, once what it tells is committed.

    Returns
    -------
    Summary
        What became of every file.  An interrupt ends the ingest between two commits; the summary
        then says so, and the same call goes on from there.
    """
    plan = _plan(known, paths)
    summary = Summary([])

    def note(outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            summary.outcomes.append(outcome)
            report(outcome)

    note(plan.refused)
    copies = lake.copies if copy else None
    try:
        for taken in _results(lake.place, copies, plan.batches, workers):
            lake.commit(taken.files, taken.rows)
            drop_copies(lake, known.superseded(taken.rows))
            note(taken.outcomes)
    except KeyboardInterrupt:
        summary.stopped = True
    return summary


def _plan(known: Known, paths: Iterable[Path]) -> Plan:
    """Part files into batches; two files of one URI cannot both be taken."""
    ids = ProductIds()
    plan = Plan([[]], [])
    first: dict[str, Path] = {}
    size = 0
    for path in paths:
        task = known.task(path, ids.next())
        if task.uri in first:
            reason = f"{first[task.uri]} of this run has the same name: ingest one of them"
            plan.refused.append(Outcome(path, Fate.REFUSED, task.uri, reason))
            continue
        first[task.uri] = path
        size += _size(path)
        plan.batches[-1].append(task)
        if size >= BATCH_BYTES or len(plan.batches[-1]) >= BATCH_FILES:
            plan.batches.append([])
            size = 0
    return Plan([batch for batch in plan.batches if batch], plan.refused)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _results(
    lake: Path, copies: Path | None, batches: list[list[Task]], workers: int | None
) -> Iterator[Taken]:
    """Yield what came of each batch; a single one is read here, sparing a process."""
    if len(batches) <= 1 or workers == 1:
        for batch in batches:
            yield take_files(lake, copies, batch)
        return
    with _pool(min(workers or os.cpu_count() or 1, len(batches))) as pool:
        waiting = {pool.submit(take_files, lake, copies, batch): batch for batch in batches}
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield _result(future, waiting.pop(future))


def _result(future: Future[Taken], batch: list[Task]) -> Taken:
    try:
        return future.result()
    except BrokenProcessPool:
        reason = "the process that read it ended (out of memory?): ingest it again"
        return Taken(outcomes=[Outcome(t.path, Fate.REFUSED, reason=reason) for t in batch])


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of fresh processes; on the way out, what has not begun never does.

    They are started anew and not forked: Arrow's and Delta's threads do not survive a fork.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts() -> None:
    """Let only the parent see Ctrl-C, which reaches every process of a terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
