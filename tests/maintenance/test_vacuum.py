"""Vacuum deletes replaced files after a delay, and leftovers of killed processes after a day."""

import os
import time
from pathlib import Path

from spectraldb.lake.layout import SEGMENTS
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from tests.maintenance.lakes import ALL, ingest_one_by_one, pixel_files


def test_files_that_searches_may_read_stay(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files[:3])
    assert lake.optimize().freed_bytes == 0
    assert len(pixel_files(lake)) == 4
    lake.optimize(grace=0)
    assert len(pixel_files(lake)) == 1


def test_leftovers_of_a_killed_process_are_deleted_after_a_day(
    lake: Service, files: list[Path]
) -> None:
    lake.ingest(files[:1])
    lake.optimize(grace=0)
    folder = lake.lake.folder
    left = [
        folder / Table.PIXEL.value / "productType=x1d" / "abc.parquet",
        folder / Table.PIXEL.value / "productType=x1d" / "abc.parquet.partial-1",
        folder / SEGMENTS / "abc.partial-1" / "flux.npy",
        folder / SEGMENTS / "abc" / "flux.npy",
        folder / "files" / "0123" / "x.fits.partial-1",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1234")
    lake.optimize(grace=0)
    assert [path.exists() for path in left] == [True] * 5
    for path in (*left, left[2].parent):
        os.utime(path, (time.time() - 90_000,) * 2)
    assert lake.optimize(grace=0).freed_bytes == 20
    assert not any(path.exists() for path in left)
    assert len(lake.search(ALL).rows)
