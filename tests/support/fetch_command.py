"""Fixtures of the command `fetch` with a fake archive of the synthetic products."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spectraldb.archive import download
from spectraldb.cli import app
from spectraldb.lake.record import ProductRecord
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.archive_server import FakeArchive, serving

Fetch = Callable[..., Result]
Held = Callable[[], dict[str, ProductRecord]]


@pytest.fixture
def archive(sample_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeArchive]:
    monkeypatch.setattr(download, "BACKOFF_SECONDS", 0.0)
    with serving(FakeArchive()) as server:
        for path in sorted(sample_folder.glob("*.fits")):
            server.add(path)
        yield server


@pytest.fixture
def fetch(archive: FakeArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetch:
    """Return a function that runs the command with the fake archive and a new lake."""
    monkeypatch.setenv("SPECTRALDB_ARCHIVE", archive.address)
    monkeypatch.setenv("SPECTRALDB_WORKERS", "1")
    monkeypatch.delenv("MAST_API_TOKEN", raising=False)

    def fetch(*options: str) -> Result:
        return CliRunner().invoke(app, ["fetch", *options, "--lake", str(tmp_path / "lake")])

    return fetch


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """Return a function that returns the products of the lake by URI."""

    def products() -> dict[str, ProductRecord]:
        service = Service(Settings(lake=tmp_path / "lake"))
        records = {record.uri: record for record in service.products()}
        service.close()
        return records

    return products
