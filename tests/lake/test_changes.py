"""Commits that only add files are read from the log, and give the same version as the table."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from spectraldb.lake import snapshot as snapshot_module
from spectraldb.lake.changes import MAX_COMMITS, read_additions
from spectraldb.lake.snapshot import Snapshot, SnapshotReader
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.folder_store import FolderStore


@pytest.fixture
def service(tmp_path: Path, sample_folder: Path) -> Service:
    service = Service(Settings(lake=tmp_path / "lake"), create=True)
    service.ingest(sorted(sample_folder.glob("*_x1d.fits"))[:1])
    return service


def assert_same(found: Snapshot, expected: Snapshot) -> None:
    """Assert that two snapshots have the same files and statistics."""
    assert found.version == expected.version
    assert set(found.products) == set(expected.products)
    assert (found.spectra, found.pixels) == (expected.spectra, expected.pixels)
    for name in expected.statistics.index:
        place, other = found.statistics.index[name], expected.statistics.index[name]
        for column, low in expected.statistics.low.items():
            assert found.statistics.low[column][place] == low[other]
            high = expected.statistics.high[column][other]
            assert found.statistics.high[column][place] == high


def test_each_change_gives_the_version_of_a_new_reader(
    service: Service, sample_folder: Path
) -> None:
    store = FolderStore(service.lake.folder)
    reader = SnapshotReader(store)
    with closing(service):
        paths = sorted(sample_folder.glob("jw9900[1-5]*.fits"))
        changes: list[Callable[[], object]] = [
            lambda: service.ingest(paths[:3]),
            lambda: service.ingest(paths[3:6]),
            lambda: service.remove([paths[0].name]),
            lambda: service.ingest(paths[:1]),
            lambda: service.optimize(keep_days=0, grace=0),
            lambda: service.ingest(paths[6:8]),
        ]
        for change in changes:
            change()
            assert_same(reader.newest(), SnapshotReader(store).newest())


def test_added_files_are_read_without_the_table(
    service: Service, sample_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = SnapshotReader(FolderStore(service.lake.folder))
    reader.newest()
    monkeypatch.setattr(snapshot_module, "files_of", None)
    with closing(service):
        service.ingest(sorted(sample_folder.glob("*_s2d.fits"))[:1])
    assert len(reader.newest().pixels["s2d"]) == 1


def test_unreadable_commits_are_not_additions(service: Service, sample_folder: Path) -> None:
    store = FolderStore(service.lake.folder)
    with closing(service):
        service.remove([sorted(sample_folder.glob("*_x1d.fits"))[0].name])
        last = service.lake.snapshot().version
    assert read_additions(store, Table.PRODUCT, 0, 0) is None  # creates the table
    assert read_additions(store, Table.PRODUCT, last + 1, last + 1) is None
    assert read_additions(store, Table.PRODUCT, 1, MAX_COMMITS + 1) is None
    nothing = read_additions(store, Table.PRODUCT, last + 1, last)
    assert nothing is not None
    assert nothing.paths == []
    added = read_additions(store, Table.PIXEL, 1, 1)
    assert added is not None
    assert np.isfinite(added.flattened["min.wavelength"][0].as_py())
