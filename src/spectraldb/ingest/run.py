"""Ingest files: worker processes read batches of files, and this process commits the results."""

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from spectraldb.cancellation import NEVER, Cancellation, Cancelled
from spectraldb.ingest.inventory import Inventory
from spectraldb.ingest.outcome import Action, Outcome, Summary
from spectraldb.ingest.plan import Batch, Plan, make_plan
from spectraldb.ingest.pool import WORKER_CANCELLATION, worker_pool
from spectraldb.ingest.worker import BatchResult, ingest_batch
from spectraldb.lake.copies import delete_copies
from spectraldb.lake.lake import Lake
from spectraldb.lake.record import ProductRecord
from spectraldb.products.names import PART
from spectraldb.storage.source import Source

Report = Callable[[Outcome], None]


def ingest_files(  # noqa: PLR0913 - the options of the command
    lake: Lake,
    inventory: Inventory,
    files: Iterable[Source],
    *,
    copy: bool = False,
    layout: str | None = None,
    workers: int | None = None,
    report: Report = lambda _: None,
    cancel: Cancellation = NEVER,
) -> Summary:
    """Ingest files into the lake.

    Parameters
    ----------
    lake
        The lake.
    inventory
        The products in the lake.
    files
        The files to ingest.
    copy
        Whether to store copies of the files in the lake.
    layout
        Name of the layout of the files.  None to find that of each file.
    workers
        Number of worker processes.  None means one per core, or a single process for few files.
    report
        Called with each outcome after it is committed.
    cancel
        Cancellation token.  Data that are not committed yet are deleted.

    Returns
    -------
    Summary
        The outcome of every file.  After a cancellation, the same call ingests the rest.

    Raises
    ------
    LakeError
        If the lake cannot be written.  Batches that are already committed remain.
    """
    plan = make_plan(inventory, files, layout)
    summary = Summary([])

    def add(outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            summary.outcomes.append(outcome)
            report(outcome)

    add(plan.refused)
    results = _results(partial(ingest_batch, lake.store, copy), plan, workers, cancel)
    with contextlib.closing(results), contextlib.suppress(Cancelled):
        for result in results:
            _drop_duplicates(result, inventory)
            lake.commit(result.files, result.products)
            delete_copies(lake.store, inventory.update(result.products))
            add(result.outcomes)
            if cancel.requested():
                break
    summary.stopped = len(summary.outcomes) < plan.n_files
    return summary


def _drop_duplicates(result: BatchResult, inventory: Inventory) -> None:
    """Leave out new products whose bytes are those of a product in the lake or in this batch.

    Their rows remain without a product until `optimize` deletes them.
    """
    remaining: dict[str, ProductRecord] = {}
    outcomes = {outcome.uri: i for i, outcome in enumerate(result.outcomes) if outcome.uri}
    for product in result.products:
        main = product.uri.split(PART)[0]
        same = inventory.same_bytes(product)
        if same is None and inventory.is_new_local(product):
            same = _same_in_batch(product, remaining.values())
        if same is None or main in remaining:
            remaining[product.uri] = product
            continue
        if main in outcomes:
            old = result.outcomes[outcomes[main]]
            reason = f"The same bytes as {same.location}, which is {same.uri}."
            result.outcomes[outcomes[main]] = Outcome(old.location, Action.DUPLICATE, main, reason)
    result.products = list(remaining.values())


def _same_in_batch(
    product: ProductRecord, remaining: Iterable[ProductRecord]
) -> ProductRecord | None:
    main = product.uri.split(PART)[0]
    others = (each for each in remaining if each.uri.split(PART)[0] != main)
    return next((each for each in others if each.checksum == product.checksum), None)


IngestBatch = Callable[[Batch, Cancellation], BatchResult]


def _results(
    ingest: IngestBatch, plan: Plan, workers: int | None, cancel: Cancellation
) -> Generator[BatchResult]:
    """Yield the result of each batch as it is read, by this process or by a pool of processes.

    Raises Cancelled.
    """
    workers = workers or (1 if plan.is_small else os.cpu_count() or 1)
    if len(plan.batches) <= 1 or workers == 1:
        for batch in plan.batches:
            yield ingest(batch, cancel)
    else:
        yield from _parallel(ingest, plan.batches, workers, cancel)


def _parallel(
    ingest: IngestBatch, batches: list[Batch], workers: int, cancel: Cancellation
) -> Iterator[BatchResult]:
    """Yield the result of each batch from a pool of processes; raises Cancelled."""
    unfinished = list(batches)
    with worker_pool(min(workers, len(batches)), cancel) as pool:
        futures = {pool.submit(ingest, batch, WORKER_CANCELLATION): batch for batch in batches}
        for future in as_completed(futures):
            with contextlib.suppress(BrokenProcessPool):
                yield future.result()
                unfinished.remove(futures[future])
    # A process that dies breaks the whole pool.  Unfinished batches are read again, and split in
    # half until the file that kills the process is found.
    for batch in unfinished:
        yield from _isolated(ingest, batch, cancel)


def _isolated(ingest: IngestBatch, batch: Batch, cancel: Cancellation) -> Iterator[BatchResult]:
    """Read a batch in its own process, and its two halves separately if the process dies."""
    try:
        with worker_pool(1, cancel) as pool:
            result = pool.submit(ingest, batch, WORKER_CANCELLATION).result()
    except BrokenProcessPool:
        if len(batch) > 1:
            middle = len(batch) // 2
            yield from _isolated(ingest, batch[:middle], cancel)
            yield from _isolated(ingest, batch[middle:], cancel)
            return
        reason = "The process that read the file died, possibly because it ran out of memory."
        outcome = Outcome(batch[0].source.location, Action.REFUSED, reason=reason)
        result = BatchResult(outcomes=[outcome])
    yield result
