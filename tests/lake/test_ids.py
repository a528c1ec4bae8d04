"""Product numbers: unique, increasing, and at most 63 bits."""

import time

import pytest

from spectraldb.lake.ids import ProductIds


def test_numbers_increase() -> None:
    ids = ProductIds()
    numbers = [ids.next() for _ in range(2000)]
    assert numbers == sorted(set(numbers))


def test_numbers_increase_while_the_clock_stands_still_or_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = ProductIds()
    now = time.time_ns()
    times = iter([now, now, now - 10**12, now + 10**9])
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    numbers = [ids.next() for _ in range(4)]
    assert numbers == sorted(set(numbers))


def test_two_writers_differ() -> None:
    first, second = ProductIds(), ProductIds()
    assert not {first.next() for _ in range(500)} & {second.next() for _ in range(500)}


def test_a_later_writer_has_higher_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    first, second = ProductIds(), ProductIds()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    before = first.next()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10**6)
    assert second.next() > before


def test_numbers_fit_64_bits_until_the_year_2080(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 3_471_292_800 * 10**9)
    assert 0 < ProductIds().next() < 2**63
