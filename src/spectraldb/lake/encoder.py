"""A thread that encodes and writes rows while the next ones are computed."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

WAITING = 3
"""How many pieces of work may wait: each holds the rows of a row group in memory."""


class Encoder:
    """Does work in one thread, in order; Arrow lets others compute while it encodes."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def do(self, work: Callable[[], None]) -> None:
        """Have work done; wait where much is left to do.

        Raises
        ------
        Exception
            The one that work given earlier ended with.
        """
        self._waiting.append(self._thread.submit(work))
        self._wait(WAITING)

    def finish(self) -> None:
        """Wait until all is done and end the thread; raises as `do`."""
        self._wait(0)
        self.end()

    def end(self) -> None:
        """End the thread; what has not begun never does."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _wait(self, left: int) -> None:
        while len(self._waiting) > left:
            self._waiting.popleft().result()
