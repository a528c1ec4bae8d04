"""Files found by paths, folders, globs and bucket URIs, in order and without duplicates."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from spectraldb.ingest.find import FilePattern, find_files
from spectraldb.storage.source import FileSource, Source, Sources

NAMES = ["b_x1d.fits", "a_x1d.fits", "c.FITS", "notes.txt", "deep/er/d_s2d.fits.gz", "deep/e.fits"]
OBJECTS = ["s3://bucket/x/b.fits", "s3://bucket/x/a.fits.gz", "s3://bucket/x/y/c.fits"]

Find = Callable[..., list[str]]


@dataclass(frozen=True)
class Object:
    """An object of a bucket that is not read."""

    location: str

    @property
    def name(self) -> str:
        return self.location.rpartition("/")[2]


class Bucket:
    """The sources of a bucket with some objects."""

    def of(self, location: str) -> Source:
        return cast("Source", Object(location))

    def list(self, folder: str) -> Iterator[str]:
        yield from (uri for uri in [*OBJECTS, "s3://bucket/x/notes.txt"] if uri.startswith(folder))


@pytest.fixture
def find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Find:
    """Return a function that finds files, relative to a folder with files."""
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)

    def find(*patterns: FilePattern) -> list[str]:
        found = find_files(patterns, cast("Sources", Bucket()))
        return [source.location.removeprefix(f"{tmp_path}/") for source in found]

    return find


def test_a_folder_stands_for_its_fits_files_at_any_depth(find: Find, tmp_path: Path) -> None:
    expected = ["a_x1d.fits", "b_x1d.fits", "c.FITS", "deep/e.fits", "deep/er/d_s2d.fits.gz"]
    assert find(tmp_path) == find(".") == expected
    assert find("deep") == ["deep/e.fits", "deep/er/d_s2d.fits.gz"]


def test_globs(find: Find) -> None:
    assert find("*_x1d.fits") == ["a_x1d.fits", "b_x1d.fits"]
    assert find("**/*.gz") == ["deep/er/d_s2d.fits.gz"]
    assert find("[bc]*") == ["b_x1d.fits", "c.FITS"]
    assert find("d*") == ["deep/e.fits", "deep/er/d_s2d.fits.gz"]


def test_files_are_unique_and_in_the_order_of_the_patterns(find: Find, tmp_path: Path) -> None:
    found = find("b_x1d.fits", "*_x1d.fits", tmp_path / "b_x1d.fits", "./deep/e.fits", "deep")
    assert found == ["b_x1d.fits", "a_x1d.fits", "deep/e.fits", "deep/er/d_s2d.fits.gz"]


def test_a_file_of_any_name_is_found_by_its_path(find: Find) -> None:
    assert find("notes.txt") == ["notes.txt"]


def test_missing_files_are_found_too(find: Find) -> None:
    """The reader reports that they are missing."""
    assert find("nothing.fits") == ["nothing.fits"]
    assert find("nothing*.fits") == ["nothing*.fits"]
    assert find("x" * 300) == ["x" * 300]


def test_broken_links_are_found(find: Find) -> None:
    Path("deep/link.fits").symlink_to("nowhere")
    assert find("deep") == ["deep/e.fits", "deep/er/d_s2d.fits.gz", "deep/link.fits"]


def test_a_name_with_wildcards_is_found_literally(find: Find) -> None:
    Path("a[1].fits").touch()
    Path("a1.fits").touch()
    assert find("a[1].fits") == ["a[1].fits"]


def test_home_folders(find: Find, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find("~/c.FITS") == ["c.FITS"]
    assert find("~nobody-of-that-name/x.fits") == ["~nobody-of-that-name/x.fits"]


def test_a_folder_without_permission(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    exists = Path.exists

    def denied(path: Path) -> bool:
        if path.parent.name == "secret":
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", denied)
    assert find("secret/a.fits") == ["secret/a.fits"]


def test_sources_are_returned_unchanged(find: Find, tmp_path: Path) -> None:
    assert find(FileSource(tmp_path / "notes.txt"), "notes.txt") == ["notes.txt"]


def test_names_that_are_not_utf8(find: Find) -> None:
    name = os.fsdecode(b"odd\xff.fits")
    Path(name).touch()
    assert find(name) == [name]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("s3://bucket/x", sorted(OBJECTS)),
        ("s3://bucket/x/", sorted(OBJECTS)),
        ("s3://bucket/x/y", OBJECTS[2:]),
        ("s3://bucket/x/b.fits", OBJECTS[:1]),
        ("s3://bucket/other/z.fits", ["s3://bucket/other/z.fits"]),
        ("s3://bucket/x/*.fits", [OBJECTS[0], OBJECTS[2]]),
        ("s3://bucket/x/?.fits*", [OBJECTS[1], OBJECTS[0]]),
        ("s3://bucket/*c*", OBJECTS[2:]),
        ("s3://bucket/x/*.nothing", ["s3://bucket/x/*.nothing"]),
        ("s3://bucket/empty", ["s3://bucket/empty"]),
    ],
)
def test_objects(find: Find, pattern: str, expected: list[str]) -> None:
    assert find(pattern) == expected
