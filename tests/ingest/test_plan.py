"""The plan of an ingest: batches limited in files and bytes, and files refused before reading."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from spectraldb.errors import RefusedError
from spectraldb.ingest import plan as module
from spectraldb.ingest.inventory import IngestTask, Inventory
from spectraldb.ingest.outcome import Action
from spectraldb.ingest.plan import Plan, make_plan
from spectraldb.storage.checksum import FileStat
from spectraldb.storage.source import FileSource, Source


@dataclass(frozen=True)
class File:
    """A file with a size."""

    location: str
    size: int = 1

    def stat(self) -> FileStat:
        if self.size < 0:
            raise FileNotFoundError(self.location)
        return FileStat(self.size, 0)


class Named:
    """An inventory in which the name of a file is its URI."""

    def task(self, source: Source, product_id: int) -> IngestTask:
        name = source.location.rpartition("/")[2]
        if name == "moved":
            raise RefusedError("The file may have been moved.")
        if name == "denied":
            raise PermissionError(13, "Permission denied")
        return IngestTask(source, f"uri:{name}", product_id, None)


def plan(*files: File) -> Plan:
    return make_plan(cast("Inventory", Named()), [cast("Source", file) for file in files])


def locations(found: Plan) -> list[list[str]]:
    return [[task.source.location for task in batch] for batch in found.batches]


def test_batches_are_limited_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_FILES", 3)
    found = plan(*(File(str(i)) for i in range(7)))
    assert locations(found) == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert found.n_files == 7


def test_batches_are_limited_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 100)
    sizes = (60, 30, 20, 500, 1, -1, 99)
    found = plan(*(File(str(i), size) for i, size in enumerate(sizes)))
    assert locations(found) == [["0", "1", "2"], ["3"], ["4", "5", "6"]]


def test_no_files() -> None:
    assert plan() == Plan([], [])
    assert plan().n_files == 0


def test_numbers_increase() -> None:
    numbers = [t.product_id for batch in plan(*map(File, "abc")).batches for t in batch]
    assert numbers == sorted(set(numbers))


def test_the_second_file_of_a_product_is_a_duplicate() -> None:
    found = plan(File("one/a"), File("two/a"), File("b"), File("three/a"))
    assert locations(found) == [["one/a", "b"]]
    assert [(o.location, o.action, o.uri) for o in found.refused] == [
        ("two/a", Action.DUPLICATE, "uri:a"),
        ("three/a", Action.DUPLICATE, "uri:a"),
    ]
    assert all("The same product as one/a," in o.reason for o in found.refused)


def test_files_refused_before_reading() -> None:
    odd = os.fsdecode(b"odd\xff.fits")
    found = plan(File("moved"), File("denied"), File(odd), File("fine"))
    assert locations(found) == [["fine"]]
    assert [outcome.reason for outcome in found.refused] == [
        "The file may have been moved.",
        "The file cannot be read: Permission denied",
        "The path is not valid UTF-8.",
    ]
    assert found.n_files == 4


@pytest.mark.parametrize(
    ("files", "size", "is_small"),
    [(400, 1, True), (401, 1, False), (2, 2**25, True), (2, 2**25 + 1, False), (0, 0, True)],
)
def test_small_plans(files: int, size: int, *, is_small: bool) -> None:
    assert plan(*(File(str(i), size) for i in range(files))).is_small is is_small


def test_sizes_of_real_files(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(b"1234")
    tasks = [IngestTask(FileSource(p), "", 1, None) for p in (path, tmp_path / "missing.fits")]
    assert Plan([tasks]).is_small
