"""Copies of FITS files in the lake: complete, made once, and the only files that are deleted."""

from pathlib import Path

import pytest

from spectraldb.lake.copies import delete_copies, is_copy, put_copy
from spectraldb.storage.checksum import checksum
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.store import Store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a_x1d.fits"
    path.write_bytes(b"bytes of a file")
    return path


def test_a_copy_has_the_bytes_and_the_name(store: Store, file: Path) -> None:
    location = put_copy(store, file, checksum(file))
    assert is_copy(store, location)
    assert location.endswith("/a_x1d.fits")
    assert store.get(store.name_of(location) or "") == file.read_bytes()


def test_other_files_are_not_copies(store: Store, file: Path) -> None:
    assert not is_copy(store, str(file))
    assert not is_copy(store, store.location("fetched/a_x1d.fits"))
    assert not is_copy(store, store.location("SpectralPixel/files/a.fits"))


def test_an_intact_copy_is_not_written_again(store: Store, file: Path) -> None:
    location = put_copy(store, file, checksum(file))
    before = store.stat(store.name_of(location) or "")
    assert put_copy(store, file, checksum(file)) == location
    assert store.stat(store.name_of(location) or "") == before


def test_a_damaged_copy_is_replaced(tmp_path: Path, file: Path) -> None:
    store = FolderStore(tmp_path / "lake")
    copy = Path(put_copy(store, file, checksum(file)))
    for damaged in (b"bytes of A file", b"bytes"):
        copy.write_bytes(damaged)
        put_copy(store, file, checksum(file))
        assert copy.read_bytes() == file.read_bytes()


def test_a_changed_file_has_another_copy(store: Store, file: Path) -> None:
    first = put_copy(store, file, checksum(file))
    file.write_bytes(b"other bytes")
    second = put_copy(store, file, checksum(file))
    assert first != second
    assert store.get(store.name_of(first) or "") == b"bytes of a file"


def test_only_copies_are_deleted(store: Store, file: Path) -> None:
    location = put_copy(store, file, checksum(file))
    store.put_copy(file, "fetched/a_x1d.fits")
    fetched = store.location("fetched/a_x1d.fits")
    delete_copies(store, [location, str(file), fetched])
    assert not store.exists(store.name_of(location) or "")
    assert store.exists("fetched/a_x1d.fits")
    assert file.exists()
    delete_copies(store, [location])
