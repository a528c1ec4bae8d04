"""Stores for tests of the lake: a folder, and a bucket."""

import uuid

import pytest

from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.open import open_storage
from spectraldb.storage.store import Store


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Give a store without a lake."""
    if request.param == "folder":
        return FolderStore(tmp_path_factory.mktemp("store") / "lake")
    name = uuid.uuid4().hex
    settings = request.getfixturevalue("seaweed").settings(tmp_path_factory, f"{name}/lake")
    return open_storage(settings).store
