"""Opening the storage that the settings name."""

from pathlib import Path

import pytest
from pydantic import ByteSize

from spectraldb.errors import BadQueryError, LakeError
from spectraldb.settings import Settings
from spectraldb.storage.bucket_store import BucketStore
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.open import CACHE_FOLDER, open_storage
from spectraldb.storage.source import FileSource, ObjectSource


def test_a_lake_in_a_folder(tmp_path: Path) -> None:
    storage = open_storage(Settings(lake=tmp_path / "lake", cache=tmp_path / "cache"))
    assert isinstance(storage.store, FolderStore)
    assert storage.store.folder == tmp_path / "lake"
    assert list(tmp_path.iterdir()) == []


def test_a_lake_in_a_bucket_and_the_products_share_a_cache(tmp_path: Path) -> None:
    settings = Settings(
        lake="s3://bucket/folder/", cache=tmp_path, cache_size=ByteSize(100), s3_endpoint="http://x"
    )
    storage = open_storage(settings)
    assert isinstance(storage.store, BucketStore)
    assert storage.store.address == "s3://bucket/folder"
    cache = storage.sources.cache
    assert storage.store._cache is cache
    assert (cache.folder, cache.limit) == (tmp_path / CACHE_FOLDER, 100)
    assert storage.store.folder.is_relative_to(cache.folder)
    options = storage.store.storage_options
    assert options["aws_endpoint_url"] == storage.sources.access.address == "http://x"


def test_equal_bucket_names_in_two_stores_have_separate_folders(tmp_path: Path) -> None:
    folders = {
        open_storage(Settings(lake="s3://b/x", cache=tmp_path, s3_endpoint=endpoint)).store.folder
        for endpoint in ("http://one", "http://two")
    }
    assert len(folders) == 2


def test_a_home_folder_is_expanded() -> None:
    storage = open_storage(Settings(lake=Path("~/lake"), cache=Path("~/cache")))
    assert storage.store.folder == Path.home() / "lake"
    assert storage.sources.cache.folder == Path.home() / "cache" / CACHE_FOLDER


def test_sources_by_location(tmp_path: Path) -> None:
    sources = open_storage(Settings(lake=tmp_path, cache=tmp_path)).sources
    assert isinstance(sources.of("/a/x.fits"), FileSource)
    assert isinstance(sources.of(Path("/a/x.fits")), FileSource)
    assert isinstance(sources.of("s3://b/x.fits"), ObjectSource)


@pytest.mark.parametrize("lake", ["s3://", "s3://bucket/with spaces", "s3://b/100%", "s3:///x"])
def test_an_invalid_address(tmp_path: Path, lake: str) -> None:
    with pytest.raises(BadQueryError, match="Write it as s3://bucket/folder"):
        open_storage(Settings(lake=lake, cache=tmp_path))


def test_a_path_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="Choose another folder with --lake"):
        open_storage(Settings(lake=tmp_path / "100%", cache=tmp_path))


def test_a_bucket_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore.store", None)
    with pytest.raises(BadQueryError, match=r"pip install 'spectraldb\[s3\]'"):
        open_storage(Settings(lake="s3://bucket/lake", cache=tmp_path))
