"""What tests share: the real files, lakes of them, and the application in-process."""

import gc
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import hypothesis
import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.sample import write_samples
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.open import open_storage
from spectraldb.storage.store import Store
from tests.support.clusters import Sail, Spark
from tests.support.generated import write_generated
from tests.support.lake_states import optimized_copy
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.seaweed import KEYS, Seaweed
from tests.support.spark_home import spark_or_skip, uses_spark

ROOT = Path(__file__).parent.parent
REAL = Path(os.environ.get("SPECTRALDB_TEST_DATA", ROOT.parent / "shared" / "jwst"))
# Examples have no deadline, since a busy machine would miss any. They are the same in every run
# where many wait for the result, and new ones on a developer's machine.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")
# pytest-xdist sets COLUMNS in its processes. rich reads it once, when a console is created, and
# then ignores the widths that the tests of narrow and wide terminals set.
os.environ.pop("COLUMNS", None)

SPARK_TESTS = ROOT / "tests" / "engines" / "spark"
NO_REAL = f"the real JWST files are not here ({REAL}); say where with SPECTRALDB_TEST_DATA"
NO_SPARK = "not installed; see `make .venv-spark/ready`"


def real_paths() -> list[Path]:
    """Return the real files, for tests that run once for each."""
    return sorted(REAL.rglob("*.fits"))


LAKES = ["samples", "real"] if real_paths() else ["samples"]
"""The lakes that tests run on, by fixture: without the real files none of these is skipped."""


def pytest_report_header() -> list[str]:
    """Return whether the real files and Apache Spark take part in a run."""
    paths = real_paths()
    return [
        f"real JWST files: {len(paths)}" if paths else f"real files: none; {NO_REAL}",
        f"Apache Spark: {'installed' if uses_spark() else NO_SPARK}",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Divide the tests among processes so that none makes a lake that another makes too.

    Tests that search the same lake run in one process, and so do those of clusters, whose start
    takes a minute; others are divided by file.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    case: tuple[str, ...] | None = parameters.get("case")
    if "spark" in (case or ()) or item.path.parent == SPARK_TESTS:
        return "spark"
    return "-".join(case) if case else str(item.path)


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
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the synthetic products."""
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


@pytest.fixture(scope="session")
def samples(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a lake of the synthetic products, which tests do not change."""
    service = Service(Settings(lake=tmp_path_factory.mktemp("sample-lake")), create=True)
    summary = service.ingest([sample_folder])
    assert not summary.refused
    yield service
    service.close()


@pytest.fixture(scope="session")
def samples_api(samples: Service) -> Iterator[TestClient]:
    with TestClient(create_app(samples)) as client:
        yield client


@pytest.fixture(scope="session", params=LAKES)
def lake_name(request: pytest.FixtureRequest) -> str:
    """Give the name of each lake, for what differs between them."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def each_lake(lake_name: str, request: pytest.FixtureRequest) -> Service:
    """Give the lake of the synthetic products, and that of the real ones."""
    service: Service = request.getfixturevalue(lake_name)
    return service


@pytest.fixture(scope="session")
def each_api(lake_name: str, request: pytest.FixtureRequest) -> TestClient:
    """Give the application over each lake."""
    client: TestClient = request.getfixturevalue(f"{lake_name}_api")
    return client


@pytest.fixture(scope="session")
def generated_folder(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the synthetic products, and layouts with rarer values."""
    folder = tmp_path_factory.mktemp("generated")
    write_generated(folder, sample_folder)
    return folder


@pytest.fixture(scope="session")
def samples_optimized(
    samples: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Give an optimized copy of the lake of the synthetic products, which tests do not change."""
    with optimized_copy(samples, tmp_path_factory.mktemp("optimized")) as service:
        yield service


@pytest.fixture(scope="session")
def real_optimized(real: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give an optimized copy of the lake of all real files, which tests do not change."""
    with optimized_copy(real, tmp_path_factory.mktemp("optimized")) as service:
        yield service


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
def layouts_optimized(
    layouts: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Give an optimized copy of the lake of all layouts, which tests do not change."""
    with optimized_copy(layouts, tmp_path_factory.mktemp("optimized")) as service:
        yield service


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


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give a store without a lake, in a folder and in a bucket."""
    if request.param == "folder":
        return FolderStore(tmp_path_factory.mktemp("store") / "lake")
    seaweed: Seaweed = request.getfixturevalue("seaweed")
    settings = seaweed.settings(tmp_path_factory, f"{uuid.uuid4().hex}/lake")
    return open_storage(settings).store


@pytest.fixture(scope="session")
def duckdb_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database in memory; use a cursor of it, in which other tests see nothing."""
    with duckdb.connect() as connection:
        yield connection


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
    """Release what failed tests still hold, and the callback of Hypothesis.

    The garbage collector keeps that callback until after all modules are gone, with everything it
    reaches: by the loader of its module the configuration of pytest, by that the fixtures, every
    application and its DuckDB connection, which DuckDB's bindings then report as leaked.
    """
    gc.collect()
    modules = [getattr(callback, "__module__", None) or "" for callback in gc.callbacks]
    gc.callbacks[:] = [
        callback
        for callback, module in zip(gc.callbacks, modules, strict=True)
        if not module.startswith("hypothesis.")
    ]
