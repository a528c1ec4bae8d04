"""The pool of workers: cancelled with its parent's token, and at the end of its context."""

import threading
import time

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.ingest.pool import WORKER_CANCELLATION, worker_pool


def wait_for_cancellation(seconds: float) -> bool:
    """Return whether the worker is cancelled within some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if WORKER_CANCELLATION.requested():
            return True
        time.sleep(0.01)
    return False


def test_a_cancellation_reaches_all_workers() -> None:
    cancelled = threading.Event()
    with worker_pool(2, Cancellation(cancelled.is_set)) as pool:
        assert not pool.submit(wait_for_cancellation, 0.1).result()
        waiting = [pool.submit(wait_for_cancellation, 60) for _ in range(2)]
        cancelled.set()
        assert all(future.result() for future in waiting)


def test_the_end_of_the_context_cancels_tasks() -> None:
    with worker_pool(1, NEVER) as pool:
        running = pool.submit(wait_for_cancellation, 60)
        while not running.running():
            time.sleep(0.01)
        pending = [pool.submit(wait_for_cancellation, 60) for _ in range(5)]
    assert running.result()
    assert any(future.cancelled() for future in pending)
