"""The time limit and the cancellation of a search."""

import pytest

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.engines.limits import limited
from spectraldb.errors import LimitError, StoppedError


def test_search_within_its_limits_goes_on() -> None:
    token = limited(NEVER, 1000)
    assert not token.requested()
    token.check()


def test_time_limit_is_an_error() -> None:
    token = limited(NEVER, 0)
    assert token.requested()
    with pytest.raises(LimitError, match="time limit of 0 s"):
        token.check()


def test_cancellation_is_an_error() -> None:
    with pytest.raises(StoppedError, match="stopped"):
        limited(Cancellation(lambda: True), 0).check()
