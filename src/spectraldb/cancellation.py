"""Ctrl-C during long work: what is committed stays, what is being done is given up."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Stop = Callable[[], bool]
"""Tells whether to stop."""


class StopRequested(BaseException):
    """The work was given up because it was to stop; like KeyboardInterrupt, it is no error."""


def never() -> bool:
    """Tell to go on."""
    return False


@contextmanager
def on_interrupt() -> Iterator[Stop]:
    """Give what tells whether Ctrl-C was pressed; pressed again, it ends the process at once.

    Signals reach the main thread only; in any other there is nothing to tell.
    """
    if threading.current_thread() is not threading.main_thread():
        yield never
        return
    pressed = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def press(_: int, __: FrameType | None) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
