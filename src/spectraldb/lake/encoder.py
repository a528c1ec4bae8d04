"""A thread that encodes and writes rows while the next ones are computed."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

MAX_PENDING = 3
"""Limit of pending tasks: each holds the rows of a row group in memory."""


class Encoder:
    """Runs tasks in one thread, in order; Arrow releases Python's lock while it encodes.

    Only the thread that created it may call it.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._pending: deque[Future[None]] = deque()

    def submit(self, task: Callable[[], None]) -> None:
        """Run a task in the thread; wait while too many are pending.

        Raises
        ------
        Exception
            That of an earlier task, if it failed.
        """
        self._pending.append(self._thread.submit(task))
        self._wait(MAX_PENDING)

    def finish(self) -> None:
        """Wait for all tasks and end the thread; raises as `submit`."""
        self._wait(0)
        self.shutdown()

    def shutdown(self) -> None:
        """End the thread; tasks that have not begun are cancelled."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _wait(self, pending: int) -> None:
        while len(self._pending) > pending:
            self._pending.popleft().result()
