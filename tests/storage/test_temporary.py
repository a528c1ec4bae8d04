"""Temporary names, and atomic deletion."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spectraldb.storage.temporary import (
    create_temporary,
    is_temporary,
    remove,
    remove_whole,
    temporary_path,
)


def test_a_temporary_path_is_new_and_in_the_same_folder(tmp_path: Path) -> None:
    path = tmp_path / "abc.parquet"
    one, two = temporary_path(path), temporary_path(path)
    assert one != two
    assert one.parent == two.parent == tmp_path
    assert is_temporary(one)
    assert is_temporary(str(two))
    assert not is_temporary(path)
    assert not is_temporary(one / "flux.npy")


def test_create_a_temporary_file_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x"
    temporary = create_temporary(path)
    assert temporary.parent == path.parent
    assert temporary.read_bytes() == b""


def test_create_while_another_process_deletes_the_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch, attempts = Path.touch, []

    def delete_then_touch(path: Path, *, exist_ok: bool) -> None:
        attempts.append(path)
        if len(attempts) == 1:
            path.parent.rmdir()
        touch(path, exist_ok=exist_ok)

    monkeypatch.setattr(Path, "touch", delete_then_touch)
    assert create_temporary(tmp_path / "a" / "x").exists()
    assert len(attempts) == 2


def test_create_fails_if_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        create_temporary(tmp_path / "file" / "x")


@pytest.mark.parametrize("delete", [remove, remove_whole])
def test_remove_files_folders_and_missing(tmp_path: Path, delete: Callable[[Path], None]) -> None:
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "x").touch()
    (tmp_path / "file").touch()
    for name in ("folder", "file", "none"):
        delete(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_renamed_before_it_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "abc"
    folder.mkdir()
    (folder / "x").touch()

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        remove_whole(folder)
    (left,) = tmp_path.iterdir()
    assert is_temporary(left)
