"""An ingest: batches of files go to worker processes, what comes back is committed."""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from spectraldb.ingest.known import Known, Task, is_there
from spectraldb.ingest.outcome import Fate, Outcome, Summary
from spectraldb.ingest.take import Taken, take_files
from spectraldb.lake.copies import drop_copies
from spectraldb.lake.ids import ProductIds
from spectraldb.lake.lake import Lake
from spectraldb.stop import Stop, never

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


def ingest_files(  # noqa: PLR0913 - each is one thing that an ingest needs to know
    lake: Lake,
    known: Known,
    paths: Iterable[Path],
    *,
    copy: bool = False,
    workers: int | None = None,
    report: Report = lambda _: None,
    stop: Stop = never,
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
    stop
        Asked after each commit whether to end there.

    Returns
    -------
    Summary
        What became of every file.  Of an ingest that was stopped it says so, and the same call
        goes on from there.
    """
    plan = _plan(known, paths)
    summary = Summary([])

    def note(outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            summary.outcomes.append(outcome)
            report(outcome)

    note(plan.refused)
    copies = lake.copies if copy else None
    results = _results(lake.place, copies, plan.batches, workers)
    with contextlib.closing(results):
        while not stop():
            taken = next(results, None)
            if taken is None:
                return summary
            lake.commit(taken.files, taken.rows)
            drop_copies(lake, known.superseded(taken.rows))
            note(taken.outcomes)
    summary.stopped = True
    return summary


def _plan(known: Known, paths: Iterable[Path]) -> Plan:
    """Part files into batches; two files of one URI cannot both be taken."""
    ids = ProductIds()
    plan = Plan([[]], [])
    first: dict[str, Path] = {}
    size = 0
    for path in paths:
        try:
            str(path).encode()
            task = known.task(path, ids.next())
        except UnicodeEncodeError:
            plan.refused.append(Outcome(path, Fate.REFUSED, reason="its path is no UTF-8 text"))
            continue
        except OSError as error:
            reason = f"it cannot be read: {error.strerror or error}"
            plan.refused.append(Outcome(path, Fate.REFUSED, reason=reason))
            continue
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
    return path.stat().st_size if is_there(path) else 0


def _results(
    lake: Path, copies: Path | None, batches: list[list[Task]], workers: int | None
) -> Generator[Taken]:
    """Yield what came of each batch; a single one is read here, sparing a process."""
    workers = workers or (os.cpu_count() or 1 if _is_much(batches) else 1)
    if len(batches) <= 1 or workers == 1:
        for batch in batches:
            yield take_files(lake, copies, batch)
        return
    left = list(batches)
    with _pool(min(workers, len(batches))) as pool:
        waiting = {pool.submit(take_files, lake, copies, batch): batch for batch in batches}
        for future in as_completed(waiting):
            with contextlib.suppress(BrokenProcessPool):
                yield future.result()
                left.remove(waiting[future])
    # A process that dies takes all others of its pool along: what they had not done is done
    # again in smaller and smaller parts, until it is known which file it dies of.
    for batch in left:
        yield from _alone(lake, copies, batch)


def _alone(lake: Path, copies: Path | None, batch: list[Task]) -> Iterator[Taken]:
    """Take files in a process of their own; if it dies, in two parts."""
    try:
        with _pool(1) as pool:
            taken = pool.submit(take_files, lake, copies, batch).result()
    except BrokenProcessPool:
        if len(batch) > 1:
            yield from _alone(lake, copies, batch[: len(batch) // 2])
            yield from _alone(lake, copies, batch[len(batch) // 2 :])
            return
        reason = "the process that read it died; perhaps there was not memory enough"
        taken = Taken(outcomes=[Outcome(batch[0].path, Fate.REFUSED, reason=reason)])
    yield taken


def _is_much(batches: list[list[Task]]) -> bool:
    """Tell whether there is more to read than takes as long as to start processes."""
    files = [task.path for batch in batches for task in batch]
    return len(files) > FEW_FILES or sum(map(_size, files)) > FEW_BYTES


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of fresh processes; on the way out, what has not begun never does.

    They are started anew and not forked: Arrow's and Delta's threads do not survive a fork.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the parent; end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
