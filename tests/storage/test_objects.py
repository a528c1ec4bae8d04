"""Names of objects."""

from pathlib import Path

import pytest

from spectraldb.storage.objects import FileInfo, is_object, join_key, split_uri


@pytest.mark.parametrize(
    ("location", "expected"),
    [("s3://bucket/x", True), ("s3://bucket", True), ("/a/s3://b", False), (Path("s3"), False)],
)
def test_is_object(location: str | Path, expected: bool) -> None:
    assert is_object(location) is expected


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://bucket/a/b.fits", ("bucket", "a/b.fits")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://bucket", ("bucket", "")),
        ("s3://", ("", "")),
    ],
)
def test_split_uri(uri: str, parts: tuple[str, str]) -> None:
    assert split_uri(uri) == parts


def test_join_key() -> None:
    assert join_key("bucket/folder/", "/a/b", "", "/", "c") == "bucket/folder/a/b/c"
    assert join_key() == ""


def test_modification_time_in_seconds() -> None:
    assert FileInfo("x", 1, 1_500_000_000).seconds == 1.5
