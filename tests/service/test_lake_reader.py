"""The catalogue of a new version reads only the files of DataProduct that a commit added."""

from contextlib import closing
from pathlib import Path

import pytest

from spectraldb.engines.duckdb import DuckDBEngine
from spectraldb.lake.snapshot import Snapshot
from spectraldb.service.lake_reader import LakeReader
from spectraldb.service.service import Service
from spectraldb.settings import Settings


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which each query adds the number of files of DataProduct that it reads."""
    numbers: list[int] = []
    fetch = DuckDBEngine.fetch

    def counting(self: DuckDBEngine, sql: str, snapshot: Snapshot) -> object:
        numbers.append(len(snapshot.products))
        return fetch(self, sql, snapshot)

    monkeypatch.setattr(DuckDBEngine, "fetch", counting)
    return numbers


def test_only_added_files_are_read(
    tmp_path: Path, sample_folder: Path, read_files: list[int]
) -> None:
    paths = sorted(sample_folder.glob("*_x1d.fits"))[:3]
    settings = Settings(lake=tmp_path / "lake")
    with closing(Service(settings, create=True)) as service:
        service.ingest(paths[:1])
        with closing(DuckDBEngine(settings, service.lake.store)) as duckdb:
            reader = LakeReader(service.lake, duckdb)
            for n in (1, 2, 3):
                service.ingest(paths[:n])
                read_files.clear()
                names = [record.file_name for record in reader.products()]
                assert names == [path.name for path in paths[:n]]
                assert read_files == [1]
            service.remove([paths[0].name])
            assert [record.file_name for record in reader.products()] == [p.name for p in paths[1:]]
