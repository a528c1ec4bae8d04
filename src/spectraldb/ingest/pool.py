"""The processes that read files, and how they learn that they are to stop."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection

from spectraldb.cancellation import Cancellation

POLL_S = 0.1

_cancelled = threading.Event()


def _is_cancelled() -> bool:
    return _cancelled.is_set()


WORKER_CANCELLATION = Cancellation(_is_cancelled)
"""The token of a worker process: set when that of its parent is."""


@contextmanager
def worker_pool(workers: int, cancel: Cancellation) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of fresh processes, in which `WORKER_CANCELLATION` follows `cancel`.

    On the way out all are to stop: what has begun ends soon, and what has not never does.
    They are started anew and not forked: Arrow's and Delta's threads do not survive a fork.
    """
    context = multiprocessing.get_context("spawn")
    # A pipe, since it has no lock that a process could die with.
    hearing, telling = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin_worker, initargs=(hearing,)
    )
    over = threading.Event()
    watch = threading.Thread(target=_tell, args=(cancel, over, telling))
    watch.start()
    try:
        yield pool
    finally:
        over.set()
        watch.join()
        pool.shutdown(wait=True, cancel_futures=True)
        hearing.close()
        telling.close()


def _tell(cancel: Cancellation, over: threading.Event, telling: Connection) -> None:
    while not over.wait(POLL_S) and not cancel.requested():
        pass
    telling.send_bytes(b"stop")  # which none of them reads, so that all see it


def _begin_worker(hearing: Connection) -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the parent; end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_listen, args=(hearing, parent.sentinel), daemon=True).start()


def _listen(hearing: Connection, sentinel: int) -> None:
    multiprocessing.connection.wait([hearing, sentinel])
    _cancelled.set()
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
