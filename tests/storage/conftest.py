"""Buckets and stores, separate for each test."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from spectraldb.storage.s3 import Bucket
from tests.support.machines import Machines
from tests.support.seaweed import BUCKET, Seaweed
from tests.support.stores import OpenStore, bucket_stores, folder_stores


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Return a name that is unique to a test."""
    return re.sub(r"\W+", "-", f"{request.node.parent.name}-{request.node.name}").strip("-")


@pytest.fixture
def bucket(seaweed: Seaweed, name: str) -> Bucket:
    """Return an empty folder of a bucket."""
    return Bucket(f"s3://{BUCKET}/{name}/files", seaweed.access)


@pytest.fixture
def machines(
    seaweed: Seaweed, name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machines]:
    """Return machines that share a lake in a bucket."""
    machines = Machines(seaweed, name, tmp_path_factory)
    yield machines
    machines.close()


@pytest.fixture(params=["folder", "bucket"])
def open_store(request: pytest.FixtureRequest, name: str, tmp_path: Path) -> OpenStore:
    """Return a function that opens the store of a lake, each time as on another machine."""
    if request.param == "folder":
        return folder_stores(tmp_path)
    return bucket_stores(request.getfixturevalue("seaweed"), name, tmp_path)
