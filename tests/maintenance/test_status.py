"""The files of a lake: numbers, sizes, and whether the lake needs optimization."""

import shutil
from pathlib import Path

from spectraldb.service.service import Service
from tests.maintenance.lakes import ingest_one_by_one


def test_files_and_sizes(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files[:2])
    before = lake.info().as_dict()
    (x1d,) = lake.info().type_rows()
    counts = {"products": 2, "spectra": 2, "files": 4, "segments": 0}
    assert counts.items() <= x1d.items()
    assert lake.info().files.types["x1d"].bytes < lake.info().files.bytes
    assert before["segmentBytes"] == before["due"] == before["oldestVersion"] == 0
    lake.optimize(grace=0)
    after = lake.info().files
    assert (after.types["x1d"].files, after.types["x1d"].segments) == (2, 1)
    on_disk = sum(p.stat().st_size for p in lake.lake.folder.rglob("*") if p.is_file())
    assert after.bytes == on_disk > after.segment_bytes > 0


def test_a_lake_of_many_files_needs_optimization(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files[:3])
    assert lake.pending_optimization() == 0
    source = files[0]
    more = [Path(shutil.copy(source, source.with_name(f"more{i}_x1d.fits"))) for i in range(14)]
    ingest_one_by_one(lake, more)
    assert lake.pending_optimization() == 17
    lake.optimize()
    assert lake.pending_optimization() == 0
