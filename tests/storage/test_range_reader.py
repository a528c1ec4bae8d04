"""The reader of ranges, compared with a file in memory."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.storage.range_reader import RangeReader

OFFSETS = st.integers(-80, 80)
READS = st.tuples(st.just("read"), st.none() | st.integers(-1, 80))
SEEKS = st.tuples(
    st.just("seek"), OFFSETS, st.sampled_from([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END])
)


class Fetched:
    """Bytes of an object, and the requested ranges."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, start: int, end: int) -> bytes:
        assert 0 <= start < end <= len(self.data)
        self.ranges.append((start, end))
        return self.data[start:end]


@given(st.binary(max_size=60), st.lists(READS | SEEKS, max_size=12))
def test_it_reads_like_a_file(data: bytes, calls: list[tuple[Any, ...]]) -> None:
    reader, file = RangeReader(len(data), Fetched(data)), io.BytesIO(data)
    for method, *arguments in calls:
        if method == "seek" and _target(file, len(data), *arguments) < 0:
            with pytest.raises(ValueError, match="Negative seek position"):
                reader.seek(*arguments)
        else:
            assert getattr(reader, method)(*arguments) == getattr(file, method)(*arguments)
        assert reader.tell() == file.tell()


def _target(file: io.BytesIO, size: int, offset: int, whence: int) -> int:
    return {io.SEEK_SET: 0, io.SEEK_CUR: file.tell(), io.SEEK_END: size}[whence] + offset


@given(st.integers(0, 60), st.integers(0, 80), st.integers(-1, 80))
def test_it_requests_no_more_than_is_read(size: int, position: int, count: int) -> None:
    fetched = Fetched(bytes(size))
    reader = RangeReader(size, fetched)
    reader.seek(position)
    data = reader.read(count)
    assert [end - start for start, end in fetched.ranges] == ([len(data)] if data else [])


def test_it_is_read_only() -> None:
    with RangeReader(3, Fetched(b"abc")) as reader:
        assert (reader.readable(), reader.seekable(), reader.writable()) == (True, True, False)
    assert reader.closed


def test_an_error_does_not_change_the_position() -> None:
    def fail(_: int, __: int) -> bytes:
        raise OSError("cut off")

    reader = RangeReader(10, fail)
    reader.seek(4)
    with pytest.raises(OSError, match="cut off"):
        reader.read(2)
    assert reader.tell() == 4
