"""Machines that share a lake in a bucket, and small products to ingest into it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.s3 import Bucket
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.seaweed import BUCKET, Seaweed

ALL = [("product", "all")]
BY_KEY = {layout.key: layout for layout in LAYOUTS}


class Machines:
    """Machines that share a lake in a bucket, each with its own cache.

    Parameters
    ----------
    seaweed
        The store.
    name
        Folder of the lake in the bucket.
    folders
        Creates the folders of the caches.
    """

    def __init__(self, seaweed: Seaweed, name: str, folders: pytest.TempPathFactory) -> None:
        self.seaweed, self._name, self._folders = seaweed, f"{name}/lake", folders
        self._services: list[Service] = []

    @property
    def bucket(self) -> Bucket:
        """The folder of the lake."""
        return Bucket(f"s3://{BUCKET}/{self._name}", self.seaweed.access)

    def settings(self, **others: Any) -> Settings:
        """Return the settings of a new machine."""
        return self.seaweed.settings(self._folders, self._name, **others)

    def new(self, *, create: bool = False, **others: Any) -> Service:
        """Return a service on a new machine."""
        service = Service(self.settings(**others), create=create)
        self._services.append(service)
        return service

    def close(self) -> None:
        """Close all services."""
        for service in self._services:
            service.close()


def write_products(folder: Path, count: int) -> list[Path]:
    """Write small files with equal contents but different names, so they are distinct products."""
    source = write_layout(BY_KEY["x1d-mos"], folder)
    target = folder / "many"
    target.mkdir()
    paths = [target / f"jw01234-o001_s{i:09d}_nirspec_f290lp-g395m_x1d.fits" for i in range(count)]
    for path in paths:
        shutil.copy(source, path)
    return paths


def count_products(service: Service) -> int:
    """Assert that every product has all its pixels, and return the number of products."""
    page = service.search([*ALL, ("group", "True"), ("columns", "nStored"), ("limit", "1000")])
    assert page.rows.num_rows == len(service.products())
    for row in page.rows.to_pylist():
        assert row["matched"] == row["nStored"]
    return len(page.rows)
