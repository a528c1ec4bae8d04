"""The contract of product files, on this machine and in buckets."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation, Cancelled
from spectraldb.errors import FileChangedError, LimitError
from spectraldb.storage.cache import Cache
from spectraldb.storage.checksum import checksum
from spectraldb.storage.objects import split_uri
from spectraldb.storage.s3 import Bucket
from spectraldb.storage.source import FileSource, ObjectSource, Source, Sources, shared_bucket

DATA = b"a product"


class Files:
    """A folder or a bucket for files."""

    def __init__(self, folder: Path, bucket: Bucket | None) -> None:
        self.folder, self.bucket = folder, bucket
        self.cache = Cache(folder / "cache", 100)

    def source(self, name: str) -> Source:
        if self.bucket is None:
            return FileSource(self.folder / name)
        return ObjectSource(f"{self.bucket.uri}/{name}", self.bucket.access, self.cache)

    def write(self, name: str, data: bytes) -> Source:
        path = self.folder / name
        path.write_bytes(data)
        if self.bucket is not None:
            self.bucket.upload(path, name)
            path.unlink()
        return self.source(name)


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    bucket = None if request.param == "folder" else request.getfixturevalue("bucket")
    return Files(tmp_path, bucket)


@pytest.fixture
def digest(tmp_path: Path) -> str:
    path = tmp_path / "for the digest"
    path.write_bytes(DATA)
    return checksum(path)


class TestSource:
    """The contract of `Source`."""

    def test_a_file(self, files: Files, digest: str) -> None:
        source = files.write("x.fits", DATA)
        assert source.name == "x.fits"
        assert source.location.endswith("/x.fits")
        assert source.exists()
        assert source.stat().size == len(DATA)
        assert source.stat() == source.stat()
        assert source.checksum() == digest
        with source.localized() as path:
            assert (path.name, path.read_bytes()) == ("x.fits", DATA)
        for _ in range(2):
            assert source.cached(digest).read_bytes() == DATA

    def test_a_missing_file(self, files: Files) -> None:
        source = files.source("none.fits")
        assert not source.exists()
        for use in (source.stat, source.checksum):
            with pytest.raises(FileNotFoundError):
                use()

    def test_sources_find_it_by_its_location(self, files: Files) -> None:
        source = files.write("x.fits", DATA)
        access = files.bucket.access if files.bucket else None
        sources = Sources(access, files.cache)  # type: ignore[arg-type]
        assert sources.of(source.location) == source

    def test_a_pickled_source(self, files: Files) -> None:
        source = files.write("x.fits", DATA)
        again: Source = pickle.loads(pickle.dumps(source))
        assert again == source
        assert again.stat().size == len(DATA)


Put = Callable[[str, bytes], ObjectSource]


@pytest.fixture
def put(bucket: Bucket, tmp_path: Path) -> Put:
    def put(name: str, data: bytes) -> ObjectSource:
        source = Files(tmp_path, bucket).write(name, data)
        assert isinstance(source, ObjectSource)
        return source

    return put


def test_a_localized_object_is_deleted_afterwards(put: Put) -> None:
    source = put("x.fits", DATA)
    with source.localized() as path:
        assert path.is_relative_to(source.cache.folder)
    assert not path.exists()
    with pytest.raises(Cancelled), source.localized(Cancellation(lambda: True)):
        pytest.fail("it was read")


def test_an_object_that_changed_is_not_cached(put: Put, digest: str) -> None:
    source = put("x.fits", b"another product")
    with pytest.raises(FileChangedError, match="has changed since it was ingested"):
        source.cached(digest)
    assert not [path for path in source.cache.folder.rglob("*.fits*") if path.is_file()]


def test_an_object_that_is_larger_than_the_cache(put: Put) -> None:
    source = put("x.fits", bytes(200))
    with pytest.raises(LimitError, match="CACHE_SIZE"):
        source.cached(source.checksum())


def test_list_the_objects_of_a_folder(put: Put, bucket: Bucket) -> None:
    source = put("x.fits", DATA)
    assert list(Sources(source.access, source.cache).list(bucket.uri)) == [source.location]


def test_objects_of_a_bucket_share_a_client(put: Put) -> None:
    one, two = put("x.fits", DATA), put("y.fits", DATA)
    assert one._bucket is two._bucket is shared_bucket(split_uri(one.location)[0], one.access)


def test_a_file_in_a_folder_that_cannot_be_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(PermissionError):
        FileSource(tmp_path / "x").exists()
