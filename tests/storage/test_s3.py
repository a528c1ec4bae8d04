"""Objects of a bucket: atomic writes, versions, and helpful errors."""

import pickle
from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation, Cancelled
from spectraldb.errors import BadQueryError
from spectraldb.storage.access import Access
from spectraldb.storage.s3 import Bucket


def test_upload_and_download(bucket: Bucket, tmp_path: Path) -> None:
    own, copy = tmp_path / "own", tmp_path / "copy"
    own.write_bytes(b"0123456789")
    bucket.upload(own, "a/b")
    bucket.download("a/b", copy)
    assert copy.read_bytes() == bucket.get("a/b") == b"0123456789"
    info = bucket.head("a/b")
    assert (info.name, info.size) == ("a/b", 10)
    with pytest.raises(Cancelled):
        bucket.download("a/b", copy, Cancellation(lambda: True))


def test_list_excludes_folders_with_the_same_prefix(bucket: Bucket) -> None:
    for name in ("a/x", "a/b/y", "ab/z"):
        assert bucket.create(name, b"1")
    assert {info.name for info in bucket.list()} == {"a/x", "a/b/y", "ab/z"}
    assert {info.name for info in bucket.list("a")} == {"a/x", "a/b/y"}


def test_an_object_is_created_once(bucket: Bucket) -> None:
    assert bucket.create("x", b"1")
    assert not bucket.create("x", b"2")
    assert bucket.get("x") == b"1"


def test_a_version_is_replaced_once(bucket: Bucket) -> None:
    bucket.create("x", b"1")
    version = bucket.get_versioned("x")
    assert (version.data, version.info.size) == (b"1", 1)
    assert bucket.replace("x", version, b"2")
    assert not bucket.replace("x", version, b"3")
    assert bucket.get("x") == b"2"
    bucket.delete(["x"])
    assert not bucket.replace("x", version, b"4")
    assert not bucket.exists("x")


def test_read_ranges(bucket: Bucket) -> None:
    bucket.create("x", b"0123456789")
    with bucket.open_ranges("x") as file:
        file.seek(4)
        assert (file.read(3), file.read()) == (b"456", b"789")


def test_missing_objects(bucket: Bucket, tmp_path: Path) -> None:
    bucket.delete(["none", "none either"])
    assert not bucket.exists("none")
    for use in (bucket.head, bucket.get, bucket.get_versioned, bucket.open_ranges):
        with pytest.raises(FileNotFoundError, match="No such object"):
            use("none")
    with pytest.raises(FileNotFoundError):
        bucket.download("none", tmp_path / "x")


def test_a_pickled_bucket(bucket: Bucket) -> None:
    bucket.create("x", b"1")
    again = pickle.loads(pickle.dumps(bucket))
    assert again == bucket
    assert again.get("x") == b"1"


def test_a_bucket_that_does_not_exist(bucket: Bucket) -> None:
    missing = Bucket("s3://there-is-none", bucket.access)
    message = "there-is-none/x: .*endpoint.*: The specified bucket does not exist"
    with pytest.raises(OSError, match=message):
        list(missing.list("x"))
    with pytest.raises(BadQueryError, match="No bucket specified"):
        Bucket("s3://", bucket.access).get("x")


def test_wrong_credentials(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(OSError, match=r"Check the endpoint, the credentials.*403 Forbidden"):
        bucket.head("x")
    with pytest.raises(OSError, match=r"The request signature .* does not match"):
        bucket.get("x")


def test_options_of_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert "aws_endpoint_url" not in Access().delta_options
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://from-the-environment")
    assert Access().delta_options["aws_endpoint_url"] == "http://from-the-environment"
    options = Access("http://given", "here").delta_options
    assert (options["aws_endpoint_url"], options["aws_region"]) == ("http://given", "here")
