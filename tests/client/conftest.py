"""The client over the real products, both ways: asking a server, and in this process."""

from collections.abc import Iterator

import pytest

from spectraldb import SpectralDB
from spectraldb.service.service import Service
from tests.support.server import served


@pytest.fixture(scope="session")
def server_address(real: Service) -> Iterator[str]:
    """Give the address of a server over the real products."""
    with served(real) as address:
        yield address


@pytest.fixture(scope="session")
def remote(server_address: str) -> Iterator[SpectralDB]:
    with SpectralDB(server_address, progress=False) as db:
        yield db


@pytest.fixture(scope="session")
def local(real: Service) -> Iterator[SpectralDB]:
    with SpectralDB(real.lake.folder, progress=False) as db:
        yield db


@pytest.fixture(scope="session", params=["remote", "local"])
def db(request: pytest.FixtureRequest) -> SpectralDB:
    """Give each of both."""
    found: SpectralDB = request.getfixturevalue(request.param)
    return found
