"""Worker processes that read files, and their cancellation."""

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
"""Cancellation token of a worker process, set when the parent's token is set."""


@contextmanager
def worker_pool(workers: int, cancel: Cancellation) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of new processes, in which `WORKER_CANCELLATION` follows `cancel`.

    All tasks are cancelled at the end of the context.  Processes are spawned rather than forked,
    because the threads of Arrow and Delta do not survive a fork.
    """
    context = multiprocessing.get_context("spawn")
    # A pipe has no lock that a process could still hold when it dies.
    receiver, sender = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start_worker, initargs=(receiver,)
    )
    finished = threading.Event()
    forwarder = threading.Thread(target=_forward, args=(cancel, finished, sender))
    forwarder.start()
    try:
        yield pool
    finally:
        finished.set()
        forwarder.join()
        pool.shutdown(wait=True, cancel_futures=True)
        receiver.close()
        sender.close()


def _forward(cancel: Cancellation, finished: threading.Event, sender: Connection) -> None:
    """Send a message to the workers once the work is cancelled or finished."""
    while not finished.wait(POLL_S) and not cancel.requested():
        pass
    sender.send_bytes(b"stop")  # never read, so that every worker sees it


def _start_worker(receiver: Connection) -> None:
    """Ignore Ctrl-C, which reaches all processes of a terminal, and exit with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(receiver, parent.sentinel), daemon=True).start()


def _watch(receiver: Connection, sentinel: int) -> None:
    multiprocessing.connection.wait([receiver, sentinel])
    _cancelled.set()
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
