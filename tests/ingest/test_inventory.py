"""Files are matched with products by level-3 name, location or content."""

from pathlib import Path

import pytest

from spectraldb.errors import RefusedError
from spectraldb.ingest.inventory import Inventory
from spectraldb.lake.record import ProductRecord
from spectraldb.products.names import local_uri, mast_uri
from spectraldb.storage.access import Access
from spectraldb.storage.cache import Cache
from spectraldb.storage.checksum import checksum
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.source import FileSource, Sources
from spectraldb.storage.store import Store
from tests.support.rows import product_record

LEVEL3 = "jw01234-o001_s000000001_nirspec_f290lp-g395m_x1d.fits"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one file of a level-3 name and two of another name."""
    for name in (LEVEL3, "a/own_x1d.fits", "b/own_x1d.fits"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("content")
    return tmp_path


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(Access(), Cache(tmp_path / "cache", 10**6))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return FolderStore(tmp_path / "lake")


def local_product(number: int, path: Path, uri: str = "") -> ProductRecord:
    """Return the product of a file without a level-3 name."""
    return product_record(
        number,
        fileName=path.name,
        uri=uri or local_uri(str(path), 0),
        location=str(path),
        checksum=checksum(path) if path.exists() else "sha256:gone",
    )


def test_a_new_file(folder: Path, sources: Sources, store: Store) -> None:
    inventory = Inventory([], sources, store)
    task = inventory.task(FileSource(folder / LEVEL3), 7)
    assert (task.uri, task.product_id, task.existing) == (mast_uri(LEVEL3), 7, None)
    own = inventory.task(FileSource(folder / "a" / "own_x1d.fits"), 8)
    assert own.uri == local_uri(str(folder / "a" / "own_x1d.fits"), 0)
    assert (own.existing, own.existing_source) == (None, None)


def test_a_level_3_name_identifies_a_product_in_any_location(
    folder: Path, sources: Sources, store: Store
) -> None:
    existing = product_record(
        1, fileName=LEVEL3, uri=mast_uri(LEVEL3), location="/elsewhere/x.fits"
    )
    task = Inventory([existing], sources, store).task(FileSource(folder / LEVEL3), 7)
    assert (task.uri, task.existing) == (existing.uri, existing)
    assert task.existing_source is not None
    assert task.existing_source.location == "/elsewhere/x.fits"


def test_another_file_is_identified_by_its_location(
    folder: Path, sources: Sources, store: Store
) -> None:
    first, second = (local_product(i, folder / d / "own_x1d.fits") for i, d in ((1, "a"), (2, "b")))
    inventory = Inventory([first, second], sources, store)
    for product in (first, second):
        assert inventory.task(FileSource(Path(product.location)), 7).existing == product


def test_a_moved_file_is_identified_by_content(
    folder: Path, sources: Sources, store: Store
) -> None:
    old = local_product(1, folder / "a" / "own_x1d.fits")
    (folder / "a" / "own_x1d.fits").unlink()
    inventory = Inventory([old], sources, store)
    task = inventory.task(FileSource(folder / "b" / "own_x1d.fits"), 7)
    assert (task.uri, task.existing) == (old.uri, old)
    (folder / "c").mkdir()
    third = (folder / "b" / "own_x1d.fits").rename(folder / "c" / "own_x1d.fits")
    assert inventory.task(FileSource(third), 8).existing is None  # a product moves only once


def test_a_file_of_other_content_was_not_moved(
    folder: Path, sources: Sources, store: Store
) -> None:
    old = local_product(1, folder / "a" / "own_x1d.fits")
    (folder / "a" / "own_x1d.fits").unlink()
    (folder / "b" / "own_x1d.fits").write_text("other content")
    task = Inventory([old], sources, store).task(FileSource(folder / "b" / "own_x1d.fits"), 7)
    assert task.existing is None
    assert task.uri != old.uri


def test_a_new_file_in_the_location_of_a_moved_one_has_another_uri(
    folder: Path, sources: Sources, store: Store
) -> None:
    path = folder / "a" / "own_x1d.fits"
    moved = local_product(1, folder / "b" / "own_x1d.fits", uri=local_uri(str(path), 0))
    task = Inventory([moved], sources, store).task(FileSource(path), 7)
    assert task.existing is None
    assert task.uri == local_uri(str(path), 1) != moved.uri


def test_a_copied_file_is_identified_by_its_location(
    folder: Path, sources: Sources, store: Store
) -> None:
    path = folder / "a" / "own_x1d.fits"
    copied = local_product(1, path).with_file(store.location("files/00/own_x1d.fits"), 5)
    task = Inventory([copied], sources, store).task(FileSource(path), 7)
    assert (task.uri, task.existing) == (copied.uri, copied)


def test_an_unreachable_file_may_have_been_moved(
    folder: Path, sources: Sources, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = local_product(1, folder / "a" / "own_x1d.fits")

    def fail(_: FileSource) -> bool:
        raise OSError("no answer")

    monkeypatch.setattr(FileSource, "exists", fail)
    with pytest.raises(
        RefusedError, match="may have been moved, which cannot be checked now: no answer"
    ):
        Inventory([old], sources, store).task(FileSource(folder / "b" / "own_x1d.fits"), 7)


def test_a_hidden_file_is_not_missing(
    folder: Path, sources: Sources, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = local_product(1, folder / "a" / "own_x1d.fits")

    def denied(_: FileSource) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileSource, "exists", denied)
    task = Inventory([old], sources, store).task(FileSource(folder / "b" / "own_x1d.fits"), 7)
    assert task.existing is None


def test_update_returns_unused_locations(folder: Path, sources: Sources, store: Store) -> None:
    first, second, third = (
        product_record(i, uri=f"local:{i}", location=location)
        for i, location in ((1, "/files/shared"), (2, "/files/shared"), (3, "/files/own"))
    )
    inventory = Inventory([first, second, third], sources, store)
    assert inventory.update([first.with_file("/new", 1)]) == []
    assert inventory.update([second.with_file("/new2", 1), third]) == ["/files/shared"]
    assert inventory.update([third.with_file("/new3", 1)]) == ["/files/own"]
    assert inventory.update([product_record(4)]) == []
    assert inventory.task(FileSource(folder / LEVEL3), 9).existing is None
