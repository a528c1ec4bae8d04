"""The samples, written once per session."""

import pytest

from spectraldb.sample import write_samples
from tests.sample.files import Samples


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder = tmp_path_factory.mktemp("samples") / "deep" / "down"
    return {path.name: path for path in write_samples(folder)}
