"""Lakes in all states and on all engines, in which a search must return the same results."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.conftest import LAKES
from tests.support.lake_states import STATES, half
from tests.support.pixel_scan import PixelScan
from tests.support.seaweed import Seaweed
from tests.support.spark_home import uses_spark

Files = Literal["generated", "real"]
Case = tuple[Files, str]

CLUSTERS = ["sail", "spark"] if uses_spark() else ["sail"]
CASES: list[Case] = [("generated", state) for state in (*STATES, "bucket", *CLUSTERS)]
if "real" in LAKES:
    # The states differ in the same way for all files, so the generated files suffice.
    CASES += [("real", "fresh"), ("real", "optimized")]


@pytest.fixture(scope="session", params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> Case:
    """Return the files of a lake, and its state or engine."""
    found: Case = request.param
    return found


@pytest.fixture(scope="session")
def files(case: Case) -> Files:
    """Return the files of the lake, for differences between them."""
    return case[0]


@pytest.fixture(scope="session")
def searched(
    case: Case, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Yield a lake in each state, in a bucket and on another engine."""
    files, state = case
    if files == "real":
        yield request.getfixturevalue("real" if state == "fresh" else "real_optimized")
        return
    folder: Path = request.getfixturevalue("generated_folder")
    with closing(_generated(state, folder, request, tmp_path_factory)) as service:
        assert len(service.products()) == len(list(folder.rglob("*.fits")))
        yield service


def _generated(
    state: str, folder: Path, request: pytest.FixtureRequest, folders: pytest.TempPathFactory
) -> Service:
    """Return a lake of the generated files."""
    if state in STATES:
        service = Service(Settings(lake=folders.mktemp(state)), create=True)
        STATES[state](service, folder, folders.mktemp("altered"))
        return service
    if state == "bucket":
        seaweed: Seaweed = request.getfixturevalue("seaweed")
        settings = [seaweed.settings(folders) for _ in range(2)]  # each with its own cache
    else:
        lake = Settings(lake=folders.mktemp(state))
        address: str = request.getfixturevalue(state)
        settings = [lake, lake.model_copy(update={"engine": "spark", "spark": address})]
    with closing(Service(settings[0], create=True)) as other:
        half(other, folder, Path())
    return Service(settings[1])


@pytest.fixture(scope="session")
def searched_api(searched: Service) -> Iterator[TestClient]:
    with TestClient(create_app(searched)) as client:
        yield client


@pytest.fixture(scope="session")
def scans(searched: Service) -> dict[str, PixelScan]:
    """Return the pixels of the lake by product type; `spectra` are all except cubes."""
    return {
        "x1d": PixelScan(searched, {"x1d"}),
        "s2d": PixelScan(searched, {"s2d"}),
        "s3d": PixelScan(searched, {"s3d"}),
        "spectra": PixelScan(searched, {"x1d", "s2d", "c1d", "x1dints"}),
    }
