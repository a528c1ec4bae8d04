"""The folder store, beyond the contract of `Store`."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from spectraldb.errors import LakeError
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.temporary import is_temporary
from tests.support.stores import put_file, put_folder


def test_files_that_are_deleted_while_they_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/stays", "a/deleted", "b/deleted"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"1234")
    stat = Path.stat

    def stat_and_delete(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        status = stat(path, follow_symlinks=follow_symlinks)
        if path.name == "deleted":
            path.unlink()
        return status

    store = FolderStore(tmp_path)
    monkeypatch.setattr(Path, "stat", stat_and_delete)
    assert "a/stays" in {info.name for info in store.list("")}
    monkeypatch.undo()
    assert {info.name for info in store.list("")} == {"a/stays"}
    folders = store.list_folders("")
    next(folders)
    shutil.rmtree(tmp_path / "a")
    shutil.rmtree(tmp_path / "b")
    assert list(folders) == []


def test_a_copy_has_the_time_of_its_file(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_bytes(b"1")
    os.utime(own, ns=(0, 1_234_567_890))
    store = FolderStore(tmp_path / "lake")
    store.put_copy(own, "files/0123/own")
    assert store.stat("files/0123/own").modified == 1_234_567_890


def test_an_interrupted_copy_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").write_bytes(b"1")
    store = FolderStore(tmp_path / "lake")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copy2", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.put_copy(tmp_path / "own", "files/0123/own")
    assert list(store.list("")) == []


def test_no_empty_folder_is_left(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "lake")
    put_file(store, "files/0123/x", b"1")
    put_file(store, "files/0123/y", b"1")
    store.delete("files/0123/x")
    assert (store.folder / "files/0123").is_dir()
    store.delete("files/0123/y")
    assert not (store.folder / "files/0123").exists()
    put_file(store, "x", b"1")
    store.delete("x")
    assert store.folder.is_dir()


def test_copies_and_deletions_of_one_folder(tmp_path: Path) -> None:
    """A copy must not fail because another thread deletes the empty folder."""
    (tmp_path / "own").write_bytes(b"1")
    store = FolderStore(tmp_path / "lake")
    errors: list[OSError] = []

    def work(number: int) -> None:
        try:
            for _ in range(100):
                store.put_copy(tmp_path / "own", f"files/0123/{number}")
                store.delete(f"files/0123/{number}")
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_folder_that_cannot_be_deleted_stays_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path)
    path = put_folder(store, "segments/abc", {"flux": b"1"})

    def refuse(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        store.delete("segments/abc")
    assert store.has_folder(path)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    store.delete("segments/abc")
    (info,) = store.list_folders("segments")
    assert is_temporary(info.name)


@pytest.mark.parametrize("name", ["per%20cent", "[lab]", "back\\slash"])
def test_a_path_that_delta_would_interpret(tmp_path: Path, name: str) -> None:
    with pytest.raises(LakeError, match="Choose another folder with --lake"):
        FolderStore(tmp_path / name)


def test_the_uri_of_a_path_with_special_characters(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "a b#c?")
    assert store.uri("t").endswith("/a%20b%23c%3F/t")
