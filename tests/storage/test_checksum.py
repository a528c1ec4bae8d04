"""Checksums, sizes and times of files."""

import hashlib
import os
from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation, Cancelled
from spectraldb.storage.checksum import CHUNK_BYTES, FileStat, checksum


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_checksum(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a" * size)
    assert checksum(path) == "sha256:" + hashlib.sha256(b"a" * size).hexdigest()


def test_cancel_a_checksum(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a")
    with pytest.raises(Cancelled):
        checksum(path, Cancellation(lambda: True))


def test_a_rewritten_file_has_another_stat(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    os.utime(path, ns=(0, 123_456_789))
    before = FileStat.of(path)
    assert before == FileStat(3, 123_456_789)
    os.utime(path, ns=(0, 123_456_790))
    assert FileStat.of(path) != before
    with pytest.raises(FileNotFoundError):
        FileStat.of(tmp_path / "none")
