"""Stores for tests of the lake: a folder, and a bucket."""

import uuid

import pytest

from spectraldb.storage.open import open_store
from spectraldb.storage.store import FolderStore, Store


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give a store without a lake."""
    if request.param == "folder":
        return FolderStore(tmp_path_factory.mktemp("store") / "lake")
    name = uuid.uuid4().hex
    return open_store(request.getfixturevalue("seaweed").settings(tmp_path_factory, f"{name}/lake"))
