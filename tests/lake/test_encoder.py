"""The encoder runs tasks in order in another thread, raises their errors, and limits its queue."""

import threading
from functools import partial

import pytest

from spectraldb.lake.encoder import MAX_PENDING, Encoder


def test_tasks_run_in_order_in_another_thread() -> None:
    encoder, done, threads = Encoder(), [], set()

    def task(number: int) -> None:
        done.append(number)
        threads.add(threading.get_ident())

    for number in range(20):
        encoder.submit(partial(task, number))
    encoder.finish()
    assert done == list(range(20))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_an_error_is_raised_by_a_later_call() -> None:
    encoder = Encoder()

    def fail() -> None:
        raise OSError("disk full")

    encoder.submit(fail)
    with pytest.raises(OSError, match="disk full"):
        encoder.finish()
    encoder.shutdown()


def test_tasks_that_have_not_begun_are_cancelled() -> None:
    encoder, begun, may_end, done = Encoder(), threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        may_end.wait()
        done.append("first")

    encoder.submit(first)
    encoder.submit(lambda: done.append("second"))
    begun.wait()
    release = threading.Timer(0.05, may_end.set)
    release.start()
    encoder.shutdown()
    release.join()
    assert done == ["first"]


def test_submitting_waits_for_a_full_queue() -> None:
    encoder, may_end, submitted = Encoder(), threading.Event(), []

    def submit() -> None:
        for number in range(MAX_PENDING + 2):
            encoder.submit(may_end.wait)  # type: ignore[arg-type]  # its result is not used
            submitted.append(number)

    thread = threading.Thread(target=submit)
    thread.start()
    thread.join(0.1)
    assert len(submitted) <= MAX_PENDING
    may_end.set()
    thread.join()
    encoder.finish()
    assert len(submitted) == MAX_PENDING + 2
