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

from spectraldb.cancellation import Stop

GLANCE_S = 0.1

_stopped = threading.Event()


def stopped() -> bool:
    """Tell a worker process whether it is to stop."""
    return _stopped.is_set()


@contextmanager
def worker_pool(workers: int, stop: Stop) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of fresh processes, in which `stopped` tells what `stop` tells here.

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
    watch = threading.Thread(target=_tell, args=(stop, over, telling))
    watch.start()
    try:
        yield pool
    finally:
        over.set()
        watch.join()
        pool.shutdown(wait=True, cancel_futures=True)
        hearing.close()
        telling.close()


def _tell(stop: Stop, over: threading.Event, telling: Connection) -> None:
    while not over.wait(GLANCE_S) and not stop():
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
    _stopped.set()
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
