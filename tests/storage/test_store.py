"""The contract of `Store`, tested on both stores."""

import pickle
import threading
from pathlib import Path

import pytest

from spectraldb.errors import LakeError
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import create_temporary, is_temporary
from tests.support.stores import OpenStore, put_file, put_folder

DATA = bytes(range(256)) * 16


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture
def other(open_store: OpenStore, store: Store) -> Store:
    """Return a store of the same lake on another machine."""
    return open_store()


def names(store: Store, folder: str = "") -> set[str]:
    return {info.name for info in store.list(folder)}


class TestStore:
    """The contract of `Store`."""

    # Names

    def test_a_location_round_trips_to_its_name(self, store: Store) -> None:
        location = store.location("files/a/x.fits")
        assert location.startswith(store.address)
        assert store.name_of(location) == "files/a/x.fits"
        assert store.name_of("/elsewhere/x.fits") is None
        assert store.name_of(f"{store.address}-other/x.fits") is None

    def test_the_uri_of_a_folder_is_absolute(self, store: Store) -> None:
        assert store.uri("SpectralPixel").endswith("/SpectralPixel")
        assert "://" in store.uri("SpectralPixel")

    # Single files

    def test_a_file_that_was_put_is_read_on_another_machine(
        self, store: Store, other: Store
    ) -> None:
        put_file(store, "a/b/x", DATA)
        assert other.exists("a/b/x")
        assert other.get("a/b/x") == DATA
        info = other.stat("a/b/x")
        assert (info.name, info.size) == ("a/b/x", len(DATA))
        assert abs(info.seconds - store.stat("a/b/x").seconds) < 1

    def test_a_file_replaces_one_of_the_same_name(self, store: Store, other: Store) -> None:
        put_file(store, "a/x", b"old")
        put_file(store, "a/x", b"new!")
        assert (other.get("a/x"), other.stat("a/x").size) == (b"new!", 4)

    def test_a_missing_file(self, store: Store) -> None:
        assert not store.exists("a/none")
        for use in (store.stat, store.get):
            with pytest.raises(FileNotFoundError):
                use("a/none")
        with pytest.raises(FileNotFoundError), store.open_ranges(store.folder / "a/none"):
            pass

    def test_a_folder_is_not_a_file(self, store: Store) -> None:
        put_file(store, "a/x", DATA)
        assert not store.exists("a")
        with pytest.raises(FileNotFoundError):
            store.stat("a")

    def test_put_a_missing_file(self, store: Store) -> None:
        with pytest.raises(FileNotFoundError):
            store.put(store.folder / "none", store.folder / "x")
        assert not store.exists("x")

    # Lists

    def test_files_are_listed_at_any_depth(self, store: Store, other: Store) -> None:
        for name in ("a/x", "a/b/y", "a/b/c/z", "ab/x"):
            put_file(store, name, DATA)
        assert names(other) >= {"a/x", "a/b/y", "a/b/c/z", "ab/x"}
        assert names(other, "a") == {"a/x", "a/b/y", "a/b/c/z"}
        assert names(other, "a/b") == {"a/b/y", "a/b/c/z"}
        assert {info.size for info in other.list("a")} == {len(DATA)}
        assert names(other, "none") == set()

    def test_a_file_has_its_final_name_only_when_it_is_complete(
        self, store: Store, other: Store
    ) -> None:
        path = store.folder / "a/x"
        temporary = create_temporary(path)
        temporary.write_bytes(DATA)
        assert not other.exists("a/x")
        assert all(is_temporary(name) for name in names(other, "a"))
        store.put(temporary, path)
        assert not temporary.exists()
        assert names(other, "a") == {"a/x"}

    # Copies of external files

    def test_a_copy(self, store: Store, other: Store, tmp_path: Path) -> None:
        own = tmp_path / "own.fits"
        own.write_bytes(DATA)
        store.put_copy(own, "files/0123/own.fits")
        own.write_bytes(b"another")
        assert other.get("files/0123/own.fits") == DATA
        store.put_copy(own, "files/0123/own.fits")
        assert other.get("files/0123/own.fits") == b"another"
        assert names(other, "files") == {"files/0123/own.fits"}

    def test_copy_a_missing_file(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            store.put_copy(tmp_path / "none", "files/0123/none")
        assert names(store) == set()

    # Reading

    def test_localized_files_are_read_by_their_paths(self, store: Store, other: Store) -> None:
        for name in ("a/x", "a/y"):
            put_file(store, name, DATA)
        paths = [other.folder / name for name in ("a/x", "a/y")]
        for _ in range(2):  # the second time they are local
            other.localize(paths)
            assert [path.read_bytes() for path in paths] == [DATA] * 2
        other.localize([])

    def test_a_file_that_was_put_is_local(self, store: Store) -> None:
        path = put_file(store, "a/x", DATA)
        store.localize([path])
        assert path.read_bytes() == DATA

    def test_localize_a_missing_file(self, store: Store) -> None:
        path = store.folder / "a" / "none"

        def read() -> bytes:
            store.localize([path])
            return path.read_bytes()

        with pytest.raises(FileNotFoundError):
            read()

    def test_temporary_copies_are_read_in_their_order(self, store: Store, other: Store) -> None:
        for name, data in (("a/x", b"1"), ("b/y", b"2")):
            put_file(store, name, data)
        paths = [other.folder / name for name in ("b/y", "a/x")]
        other.localize(paths[:1])
        with other.temporary_copies(paths) as copies:
            assert [path.read_bytes() for path in copies] == [b"2", b"1"]
        assert paths[0].read_bytes() == b"2"
        with pytest.raises(FileNotFoundError), other.temporary_copies([other.folder / "x"]) as one:
            one[0].read_bytes()

    def test_ranges_of_a_file(self, store: Store, other: Store) -> None:
        put_file(store, "a/x", DATA)
        for machine in (store, other):
            with machine.open_ranges(machine.folder / "a/x") as file:
                assert file.seek(-10, 2) == len(DATA) - 10
                assert file.read(100) == DATA[-10:]
                assert file.seek(300) == file.tell() == 300
                assert file.read(5) == DATA[300:305]
                assert file.read() == DATA[305:]
                assert file.read(1) == b""

    # Folders, which are put atomically

    def test_a_folder_is_put_atomically(self, store: Store, other: Store) -> None:
        assert not store.has_folder(store.folder / "segments/abc")
        put_folder(store, "segments/abc", {"flux.npy": DATA, "deep/er": b"1"})
        for machine in (store, other):
            path = machine.folder / "segments/abc"
            assert machine.has_folder(path)
            assert machine.localize_folder(path)
            assert machine.is_local(path)
            assert (path / "flux.npy").read_bytes() == DATA
            assert (path / "deep" / "er").read_bytes() == b"1"
        (info,) = other.list_folders("segments")
        assert info.name == "segments/abc"
        assert info.size > len(DATA)
        assert list(other.list_folders("none")) == []

    def test_a_folder_is_replaced_atomically(self, store: Store, other: Store) -> None:
        put_folder(store, "segments/abc", {"old": b"1", "both": b"1"})
        assert store.localize_folder(store.folder / "segments/abc")
        put_folder(store, "segments/abc", {"new": b"2", "both": b"2"})
        for machine in (store, other):
            path = machine.folder / "segments/abc"
            assert machine.localize_folder(path)
            assert not (path / "old").exists()
            assert (path / "both").read_bytes() == (path / "new").read_bytes() == b"2"
        assert len(list(other.list_folders("segments"))) == 1

    def test_a_missing_folder(self, store: Store) -> None:
        path = store.folder / "segments" / "none"
        assert not store.has_folder(path)
        assert not store.localize_folder(path)

    # Deletion

    def test_delete_a_file(self, store: Store, other: Store) -> None:
        for name in ("a/b/x", "a/y"):
            path = put_file(store, name, DATA)
            assert path.exists()
        store.delete("a/b/x")
        assert not other.exists("a/b/x")
        assert names(other) == {"a/y"}
        assert not (store.folder / "a/b/x").exists()
        store.delete("a/y")
        assert names(other) == set()

    def test_delete_a_folder_atomically(self, store: Store, other: Store) -> None:
        for name in ("segments/abc", "segments/def"):
            path = put_folder(store, name, {"flux.npy": DATA})
            assert store.has_folder(path)
        store.delete("segments/abc")
        path = store.folder / "segments/abc"
        assert not store.has_folder(path)
        assert not store.localize_folder(path)
        assert not path.exists()
        assert [info.name for info in other.list_folders("segments")] == ["segments/def"]

    def test_delete_nothing(self, store: Store) -> None:
        put_file(store, "a/x", DATA)
        store.delete("a/none")
        store.delete("none/none")
        assert names(store) == {"a/x"}

    def test_the_folder_of_the_last_file_may_be_used_again(self, store: Store) -> None:
        put_file(store, "a/x", DATA)
        store.delete("a/x")
        put_file(store, "a/x", DATA)
        assert store.get("a/x") == DATA

    # The lock

    def test_the_lock_has_one_owner(self, store: Store, other: Store) -> None:
        put_file(store, "a/x", DATA)  # creates the folder of the lake
        with store.exclusive("work.lock") as lease:
            lease.check()
            for machine in (store, other):
                with (
                    pytest.raises(LakeError, match="Another process"),
                    machine.exclusive("work.lock"),
                ):
                    pytest.fail("two processes have the lock")
            with other.exclusive("another.lock"):
                lease.check()
        with other.exclusive("work.lock"):
            pass

    def test_the_lock_is_released_by_an_error(self, store: Store, other: Store) -> None:
        put_file(store, "a/x", DATA)
        with pytest.raises(KeyError), store.exclusive("work.lock"):
            raise KeyError
        with other.exclusive("work.lock"):
            pass

    # Threads and processes

    def test_a_pickled_store(self, store: Store) -> None:
        put_file(store, "a/x", DATA)
        again: Store = pickle.loads(pickle.dumps(store))
        assert (again.address, again.folder) == (store.address, store.folder)
        assert again.get("a/x") == DATA

    def test_threads_share_a_store(self, store: Store, other: Store) -> None:
        errors: list[Exception] = []

        def work(number: int) -> None:
            try:
                path = put_file(store, f"a/{number}", DATA)
                folder = put_folder(store, f"segments/{number}", {"flux": DATA})
                other.localize([other.folder / "a" / path.name])
                assert (other.folder / "a" / path.name).read_bytes() == DATA
                assert store.has_folder(folder)
                assert store.localize_folder(folder)
                store.delete(f"a/{number}")
            except Exception as error:  # noqa: BLE001 - shown below
                errors.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert names(other, "a") == set()
        assert len(list(other.list_folders("segments"))) == 6
