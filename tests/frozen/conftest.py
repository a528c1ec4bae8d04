"""A lake of the synthetic products, which are identical in every run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.frozen.adapter import open_application
from tests.frozen.commands import run


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the products."""
    folder = tmp_path_factory.mktemp("frozen") / "samples"
    assert run("sample", str(folder)).exit_code == 0
    return folder


@pytest.fixture(scope="session")
def lake(samples: Path) -> Path:
    """Return the lake, ingested by one worker so that the order of products is reproducible."""
    place = samples.parent / "lake"
    arguments = ("ingest", str(samples), "--workers", "1", "--lake", str(place))
    assert run(*arguments).exit_code == 0
    return place


@pytest.fixture(scope="session")
def api(lake: Path) -> Iterator[TestClient]:
    """Yield the HTTP API over the lake."""
    with open_application(lake) as application, TestClient(application) as client:
        yield client
