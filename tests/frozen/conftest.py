"""A lake of the synthetic products, which are the same at every call."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.frozen.adapter import open_application
from tests.frozen.commands import run


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the products."""
    folder = tmp_path_factory.mktemp("frozen") / "samples"
    assert run("sample", str(folder)).exit_code == 0
    return folder


@pytest.fixture(scope="session")
def lake(samples: Path) -> Path:
    """Give the lake; one worker ingests, so that the order of products is always the same."""
    place = samples.parent / "lake"
    arguments = ("ingest", str(samples), "--workers", "1", "--lake", str(place))
    assert run(*arguments).exit_code == 0
    return place


@pytest.fixture(scope="session")
def api(lake: Path) -> Iterator[TestClient]:
    """Give the HTTP API over the lake."""
    with open_application(lake) as application, TestClient(application) as client:
        yield client
