"""Downloads of a lake in a bucket, and their cache."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from spectraldb.errors import LimitError
from spectraldb.lake.layout import SEGMENTS, TABLES
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from spectraldb.storage.s3 import Bucket
from tests.support.layouts import write_layout
from tests.support.machines import ALL, BY_KEY, Machines, count_products, write_products


def test_a_cache_that_is_too_small(machines: Machines, tmp_path: Path) -> None:
    machines.new(create=True).ingest(write_products(tmp_path, 2))
    small = machines.new(cache_size=1_000)
    with pytest.raises(LimitError, match=r"CACHE_SIZE\. Alternatively, narrow the search"):
        small.search(ALL)


def test_segments_that_do_not_fit_are_not_used(machines: Machines, tmp_path: Path) -> None:
    writer = machines.new(create=True)
    writer.ingest(write_products(tmp_path, 2))
    writer.optimize(grace=0)
    store = writer.lake.store
    files = sum(info.size for table in TABLES for info in store.list(table.value))
    small = machines.new(cache_size=files)
    assert count_products(small) == 2
    assert not (small.lake.folder / SEGMENTS).exists()


@pytest.fixture
def downloaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that collects the names of downloaded objects."""
    names: list[str] = []
    download = Bucket.download

    def note(bucket: Bucket, name: str, *args: Any, **options: Any) -> None:
        names.append(name)
        download(bucket, name, *args, **options)

    monkeypatch.setattr(Bucket, "download", note)
    return names


def of_table(names: list[str], table: Table) -> list[str]:
    return [name for name in names if table.value in name]


def test_optimize_downloads_only_files_that_it_rewrites(
    machines: Machines, tmp_path: Path, downloaded: list[str]
) -> None:
    writer = machines.new(create=True)
    paths = write_products(tmp_path, 8)
    for path in paths[:4]:
        writer.ingest([path])
    writer.optimize(grace=0)
    writer.ingest(paths[4:])
    writer.ingest([write_layout(BY_KEY["s2d-multislit"], tmp_path)])
    writer.optimize(grace=0)
    assert machines.new().optimize(grace=0).merged_files == 0
    assert not of_table(downloaded, Table.PIXEL)
    assert not of_table(downloaded, Table.SPECTRUM)
    writer.remove([paths[0].name])
    assert machines.new().optimize(grace=0).dropped_rows == 0  # older versions still contain it
    assert not of_table(downloaded, Table.PIXEL)
    done = machines.new().optimize(grace=0, keep_days=0)
    assert (done.merged_files, done.segments) == (2, 1)
    assert done.dropped_rows
    assert len(of_table(downloaded, Table.PIXEL)) == len(of_table(downloaded, Table.SPECTRUM)) == 1
    assert count_products(machines.new()) == 8


def test_a_lake_larger_than_the_cache_is_optimized(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = machines.new(create=True)
    for path in write_products(tmp_path, 12):
        writer.ingest([path])
    writer.lake.compact_products(7)
    products = size_of(writer, "DataProduct")
    files = size_of(writer, Table.SPECTRUM.value) + size_of(writer, Table.PIXEL.value)
    # Two spectra, or a file of pixels.
    monkeypatch.setattr("spectraldb.maintenance.merge_plan.MAX_ROWS", 2)
    small = machines.new(cache_size=products + files // 3)
    done = small.optimize(grace=0, by_wavelength=True)
    assert (done.merged_files, done.segments, done.sorted_copies) == (12, 12, 12)
    used = sum(path.stat().st_size for path in small.settings.cache.rglob("*") if path.is_file())
    assert used <= small.settings.cache_size
    assert count_products(machines.new()) == 12


def size_of(service: Service, folder: str) -> int:
    """Return the bytes of the Parquet files of a table."""
    files = service.lake.store.list(folder)
    return sum(info.size for info in files if info.name.endswith(".parquet"))


def test_segments_that_are_searched_stay(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = machines.new(create=True)
    writer.ingest(write_products(tmp_path, 2))
    writer.optimize(grace=0)
    service = machines.new()
    assert count_products(service) == 2
    (folder,) = (service.lake.folder / SEGMENTS).iterdir()
    assert time.time() - folder.stat().st_mtime < 900
    os.utime(folder, (0, 0))
    monkeypatch.setattr("spectraldb.segments.store.REFRESH_SECONDS", 1e9)
    assert count_products(service) == 2
    assert folder.stat().st_mtime == 0.0
    monkeypatch.setattr("spectraldb.segments.store.REFRESH_SECONDS", 0.0)
    assert count_products(service) == 2
    assert time.time() - folder.stat().st_mtime < 900
    shutil.rmtree(folder)
    assert count_products(service) == 2
    assert folder.exists()
