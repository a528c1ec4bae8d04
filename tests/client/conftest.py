"""Clients of generated products, through a server and in this process."""

from collections.abc import Iterator

import pytest

from spectraldb import SpectralDB
from spectraldb.service.service import Service
from tests.support.server import served


@pytest.fixture(scope="session")
def server_address(samples: Service) -> Iterator[str]:
    """Yield the URL of a server with the generated products."""
    with served(samples) as address:
        yield address


@pytest.fixture(scope="session")
def remote(server_address: str) -> Iterator[SpectralDB]:
    with SpectralDB(server_address, progress=False) as db:
        yield db


@pytest.fixture(scope="session")
def local(samples: Service) -> Iterator[SpectralDB]:
    with SpectralDB(samples.lake.folder, progress=False) as db:
        yield db


@pytest.fixture(scope="session", params=["remote", "local"])
def db(request: pytest.FixtureRequest) -> SpectralDB:
    """Return the client of the server, then the client in this process."""
    client: SpectralDB = request.getfixturevalue(request.param)
    return client
