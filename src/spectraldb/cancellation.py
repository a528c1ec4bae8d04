"""Cancellation of long operations: Ctrl-C, a client that disconnected, a lost lock.

Committed work stays; work in progress is discarded.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Cancelled(BaseException):
    """An operation ended because its cancellation was requested.

    Like KeyboardInterrupt it derives from BaseException, so that error handlers do not treat it as
    a failure.
    """


class Cancellation:
    """A cancellation token that long operations poll.

    Thread-safe.  A token can be pickled if `requested` and `error` can.

    Parameters
    ----------
    requested
        Returns whether cancellation is requested; called from any thread.
    error
        Returns the exception that `check` raises.
    """

    def __init__(
        self, requested: Callable[[], bool], error: Callable[[], BaseException] = Cancelled
    ) -> None:
        self._requested = requested
        self._error = error

    def requested(self) -> bool:
        """Return whether cancellation is requested."""
        return self._requested()

    def check(self) -> None:
        """Raise the token's error, by default `Cancelled`, if cancellation is requested."""
        if self._requested():
            raise self._error()


def _never() -> bool:
    return False


NEVER = Cancellation(_never)
"""A token that is never cancelled."""


@contextmanager
def cancel_on_interrupt() -> Iterator[Cancellation]:
    """Yield a token that Ctrl-C cancels; a second Ctrl-C ends the process immediately.

    Only the main thread receives signals: in other threads the token is never cancelled.
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
