"""What tests share: the real files, lakes of them, and the application in-process."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from fastapi.testclient import TestClient

from bench.clusters import Sail, Spark
from layouts import LAYOUTS, write_layout
from seaweed import KEYS, Seaweed
from sparkhome import spark_or_skip
from spectraldb.api.app import create_app
from spectraldb.service import Service
from spectraldb.settings import Settings

ROOT = Path(__file__).parent.parent
REAL = Path(os.environ.get("SPECTRALDB_TEST_DATA", ROOT.parent / "shared" / "jwst"))
# The same examples at every run where many wait for the answer, new ones on one's own machine.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

NO_REAL = f"the real JWST files are not here ({REAL}); say where with SPECTRALDB_TEST_DATA"


def real_paths() -> list[Path]:
    """Return the real files, for tests that run once for each."""
    return sorted(REAL.rglob("*.fits"))


def pytest_report_header() -> str:
    """Tell at the top of a run whether the real files take part."""
    paths = real_paths()
    return f"real JWST files: {len(paths)}" if paths else f"real files: none; {NO_REAL}"


def all_pages(api: TestClient, url: str) -> list[dict[str, Any]]:
    """Return the results of a search from a page on to the last."""
    results: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        page = api.get(following).json()
        results += page["results"]
        following = page["next"]
        assert page["truncated"] is bool(following)
    return results


@pytest.fixture(scope="session")
def real_folder() -> Path:
    if not real_paths():
        pytest.skip(NO_REAL)
    return REAL


@pytest.fixture(scope="session")
def real(real_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a lake of all real files."""
    service = Service(Settings(lake=tmp_path_factory.mktemp("real")), create=True)
    summary = service.ingest([real_folder])
    assert not summary.refused
    yield service
    service.close()


@pytest.fixture(scope="session")
def real_api(real: Service) -> Iterator[TestClient]:
    with TestClient(create_app(real)) as client:
        yield client


@pytest.fixture(scope="session")
def layout_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a file of every layout, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("layouts")
    for layout in LAYOUTS:
        (folder / layout.key).mkdir()
        write_layout(layout, folder / layout.key)
    return folder


@pytest.fixture(scope="session")
def layouts(layout_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a lake of all layouts; those of one name cannot be taken together."""
    service = Service(Settings(lake=tmp_path_factory.mktemp("lake")), create=True)
    summary = service.ingest([layout_folder])
    assert not [o for o in summary.refused if "same name" not in o.reason]
    yield service
    service.close()


@pytest.fixture(scope="session")
def layouts_api(layouts: Service) -> Iterator[TestClient]:
    with TestClient(create_app(layouts)) as client:
        yield client


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """Give a store that speaks S3."""
    store = Seaweed(tmp_path_factory.mktemp("seaweed"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        store.start()
        yield store
        store.kill()


@pytest.fixture(scope="session")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of Sail, with two workers for each session."""
    with Sail(tmp_path_factory.mktemp("sail")) as cluster:
        yield cluster.address


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of Apache Spark, with two workers."""
    spark_or_skip()
    with Spark(tmp_path_factory.mktemp("spark")) as cluster:
        yield cluster.address


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Service]:
    """Give an empty lake."""
    service = Service(Settings(lake=tmp_path / "lake"), create=True)
    yield service
    service.close()


@pytest.fixture
def api(lake: Service) -> Iterator[TestClient]:
    with TestClient(create_app(lake)) as client:
        yield client


def pytest_unconfigure() -> None:
    """Remove the callback that Hypothesis leaves with the garbage collector.

    The collector keeps it until after all modules are gone, and everything that it reaches: by its
    module's loader the configuration of pytest, by that the fixtures, FastAPI and its caches of
    endpoints, hence every application and the DuckDB connection of each, which DuckDB's bindings
    then report as leaked.
    """
    gc.callbacks[:] = [c for c in gc.callbacks if not c.__module__.startswith("hypothesis.")]
