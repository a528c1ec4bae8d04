"""The limits of a running search: its time, and its cancellation."""

import time

from spectraldb.cancellation import Cancellation
from spectraldb.errors import LimitError, StoppedError


def limited(cancel: Cancellation, time_limit: float) -> Cancellation:
    """Return a token that is also cancelled when a time limit passes.

    Its `check` raises StoppedError if the search was cancelled, and LimitError if the time limit
    has passed.

    Parameters
    ----------
    cancel
        Cancellation token of the search.
    time_limit
        In seconds, from now on.
    """
    ends = time.monotonic() + time_limit

    def error() -> Exception:
        return stopped() if cancel.requested() else time_limit_error(time_limit)

    return Cancellation(lambda: cancel.requested() or time.monotonic() >= ends, error)


def stopped() -> StoppedError:
    """Return the error of a search that was cancelled."""
    return StoppedError("The search was stopped.")


def time_limit_error(seconds: float) -> LimitError:
    """Return the error of a search that exceeded its time limit."""
    return LimitError(
        f"The search exceeded the time limit of {seconds:g} s. "
        "Narrow its wavelengths, products or position."
    )
