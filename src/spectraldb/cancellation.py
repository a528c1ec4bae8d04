"""Cancellation of long work: Ctrl-C, a client that has disconnected, a lock that was lost.

What is committed stays; what is in progress is given up.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Cancelled(BaseException):
    """Work was given up because its cancellation was requested; like KeyboardInterrupt, no error.

    It derives from BaseException so that no handler of errors takes it for a failure.
    """


class Cancellation:
    """A token that long work polls: it ends soon after cancellation is requested.

    Threads share a token: `requested` may be called from any of them.  Processes may pass one on
    where `requested` and `error` can be pickled.

    Parameters
    ----------
    requested
        Return whether the work is to end.
    error
        Return what `check` raises.
    """

    def __init__(
        self, requested: Callable[[], bool], error: Callable[[], BaseException] = Cancelled
    ) -> None:
        self._requested = requested
        self._error = error

    def requested(self) -> bool:
        """Return whether the work is to end."""
        return self._requested()

    def check(self) -> None:
        """Raise the token's error, `Cancelled` by default, if the work is to end."""
        if self._requested():
            raise self._error()


def _never() -> bool:
    return False


NEVER = Cancellation(_never)
"""For work that nobody cancels."""


@contextmanager
def cancel_on_interrupt() -> Iterator[Cancellation]:
    """Yield a token that Ctrl-C sets; a second Ctrl-C ends the process at once.

    Signals reach the main thread only: in any other thread the token is never set.
    """
    if threading.current_thread() is not threading.main_thread():
        yield NEVER
        return
    pressed = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def press(_: int, __: FrameType | None) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, press)
    try:
        yield Cancellation(pressed.is_set)
    finally:
        signal.signal(signal.SIGINT, before)
