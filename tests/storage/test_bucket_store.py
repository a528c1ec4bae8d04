"""The cache of a bucket store, beyond the contract of `Store`."""

from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation, Cancelled
from spectraldb.errors import LimitError
from spectraldb.storage import folder_index
from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.cache import Cache
from spectraldb.storage.s3 import Bucket
from tests.support.stores import put_file, put_folder

DATA = bytes(1000)


@pytest.fixture
def store(bucket: Bucket, tmp_path: Path) -> BucketStore:
    return BucketStore(bucket, Cache(tmp_path / "cache", 10**6))


@pytest.fixture
def small(bucket: Bucket, tmp_path: Path) -> BucketStore:
    """Return a store of the same lake whose cache can contain only one file."""
    return BucketStore(bucket, Cache(tmp_path / "small", 1500))


def used(store: BucketStore) -> int:
    files = store._cache.folder.rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file())


def test_a_cancelled_download_leaves_nothing(store: BucketStore, small: BucketStore) -> None:
    put_file(store, "a/x", DATA)
    path = small.folder / "a/x"
    with pytest.raises(Cancelled):
        small.localize([path], Cancellation(lambda: True))
    assert used(small) == 0
    small.localize([path])
    assert path.read_bytes() == DATA


def test_files_that_do_not_fit_together(store: BucketStore, small: BucketStore) -> None:
    for name in ("a/x", "a/y"):
        put_file(store, name, DATA)
    paths = [small.folder / name for name in ("a/x", "a/y")]
    with pytest.raises(LimitError, match="CACHE_SIZE"):
        small.localize(paths)
    with pytest.raises(LimitError), small.temporary_copies(paths):
        pytest.fail("they do not fit")
    assert used(small) == 0
    with small.temporary_copies(paths[:1]) as (copy,):
        assert copy.read_bytes() == DATA
    assert used(small) == 0


def test_a_folder_that_does_not_fit(store: BucketStore, small: BucketStore) -> None:
    put_folder(store, "segments/abc", {"flux": DATA})
    path = small.folder / "segments/abc"
    assert small.has_folder(path)
    assert not small.localize_folder(path)
    assert not path.exists()


def test_a_file_that_does_not_fit_can_be_put(store: BucketStore, small: BucketStore) -> None:
    path = put_file(small, "a/x", bytes(2000))
    assert not path.exists()
    assert store.get("a/x") == bytes(2000)
    with small.open_ranges(path) as file:
        assert file.read() == bytes(2000)


def test_a_copy_shares_the_bytes_of_its_entry(store: BucketStore) -> None:
    path = put_file(store, "a/x", DATA)
    with store.temporary_copies([path]) as (copy,):
        assert copy.samefile(path)
    assert path.exists()


def test_folders_of_other_machines_are_listed_after_a_delay(
    store: BucketStore, small: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small.folder / "segments/abc"
    assert not small.has_folder(path)
    put_folder(store, "segments/abc", {"flux": b"1"})
    assert not small.has_folder(path)
    monkeypatch.setattr(folder_index, "LISTING_SECONDS", 0.0)
    assert small.has_folder(path)


def test_a_listing_is_not_reused_after_a_change(
    store: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = list(store.list_folders("segments"))

    def list_then_put(bucket: Bucket, prefix: str = "") -> object:
        monkeypatch.undo()
        put_folder(store, "segments/abc", {"flux": b"1"})
        return iter(listed)

    monkeypatch.setattr(Bucket, "list", list_then_put)
    assert list(store.list_folders("segments")) == []
    assert store.has_folder(store.folder / "segments/abc")
