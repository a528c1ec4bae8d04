"""Encoding and writing of rows in a thread while the next rows are computed."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

MAX_PENDING = 3
"""Maximum number of pending tasks, each of which holds a row group in memory."""


class Encoder:
    """Runs tasks in order in one thread; Arrow releases the GIL while it encodes.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._pending: deque[Future[None]] = deque()

    def submit(self, task: Callable[[], None]) -> None:
        """Queue a task, and wait until at most `MAX_PENDING` tasks are pending.

        Raises
        ------
        Exception
            The exception of an earlier task that failed.
        """
        self._pending.append(self._thread.submit(task))
        self._wait(MAX_PENDING)

    def finish(self) -> None:
        """Wait for all tasks and end the thread; raises the same errors as `submit`."""
        self._wait(0)
        self.shutdown()

    def shutdown(self) -> None:
        """Cancel the tasks that have not started, and end the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _wait(self, pending: int) -> None:
        while len(self._pending) > pending:
            self._pending.popleft().result()
