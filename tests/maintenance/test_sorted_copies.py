"""Sorted copies contain the same pixels ordered by wavelength, and are deleted with their files."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from spectraldb.cancellation import Cancellation
from spectraldb.errors import LakeError
from spectraldb.lake.layout import SORTED_COPIES
from spectraldb.maintenance.sorted_copies import BINS_PER_E_FOLD
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.maintenance.lakes import ingest_one_by_one, pixel_files, sorted_copies


@pytest.mark.parametrize("folder", ["layout_folder", "sample_folder", "real_folder"])
def test_copies_contain_the_same_pixels_ordered_by_wavelength(
    lake: Service, folder: str, request: pytest.FixtureRequest
) -> None:
    lake.ingest([request.getfixturevalue(folder)])
    done = lake.optimize(grace=0, by_wavelength=True)
    paths = {path.name: path for path in pixel_files(lake)}
    assert done.sorted_copies == len(paths) == len(sorted_copies(lake))
    order = [("productId", "ascending"), ("spectrum", "ascending"), ("pixel", "ascending")]
    for copy in sorted_copies(lake):
        found, original = pq.read_table(copy), pq.ParquetFile(paths[copy.name]).read()
        bins = np.floor(BINS_PER_E_FOLD * np.log(found["wavelength"].to_numpy()))
        assert np.all(np.diff(bins[np.isfinite(bins)]) >= 0)
        assert found.schema.equals(original.schema)
        assert found.sort_by(order).equals(original.sort_by(order))
    again = lake.optimize(grace=0, by_wavelength=True)
    assert (again.sorted_copies, again.freed_bytes) == (0, 0)
    assert lake.info().files.sorted_copy_bytes == sum(p.stat().st_size for p in sorted_copies(lake))


def test_copies_are_deleted_with_their_files(lake: Service, files: list[Path]) -> None:
    ingest_one_by_one(lake, files[:2])
    lake.optimize(grace=0, by_wavelength=True)
    (first,) = sorted_copies(lake)
    lake.ingest(files[2:4])
    lake.optimize(grace=0)
    assert sorted_copies(lake) == []
    assert lake.optimize(grace=0, by_wavelength=True).sorted_copies == 1
    assert sorted_copies(lake) != [first]


def test_a_cancelled_copy_leaves_nothing(lake: Service, files: list[Path]) -> None:
    lake.ingest(files[:1])
    lake.optimize(grace=0)
    steps: list[str] = []
    done = lake.optimize(
        by_wavelength=True,
        report=lambda step: steps.append(step.name),
        cancel=Cancellation(lambda: bool(steps)),
    )
    assert (done.stopped, done.sorted_copies, steps) == (True, 0, ["Sorting by wavelength"])
    assert sorted_copies(lake) == []
    assert lake.optimize(by_wavelength=True).sorted_copies == 1


def test_too_little_disk_space_to_sort(files: list[Path], tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "small", memory_limit="1MB")
    with closing(Service(Settings(lake=settings.lake), create=True)) as lake:
        lake.ingest(files[:1])
    with closing(Service(settings)) as lake, pytest.raises(LakeError, match="SPECTRALDB_MEMORY_L"):
        lake.optimize(by_wavelength=True)
    assert list((tmp_path / "small" / SORTED_COPIES).glob("*")) == []
