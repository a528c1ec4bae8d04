"""Searches on clusters, of folders and buckets, return the same results as this process."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation
from spectraldb.errors import LakeError, LimitError, StoppedError
from spectraldb.service.service import Service
from tests.engines.spark.searches import PIXELS, assert_same, over
from tests.support.clusters import Sail
from tests.support.seaweed import KEYS, Seaweed

pytestmark = pytest.mark.alone

ALL_BY_FLUX = [("product", "all"), ("sort_by", "flux")]


def test_cluster_over_a_folder(samples: Service, address: str) -> None:
    with closing(over(address, samples.settings)) as service:
        assert_same(service, samples)


def test_cluster_over_a_bucket(
    seaweed: Seaweed, sample_folder: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    access = {
        "AWS_ENDPOINT_URL": seaweed.endpoint,
        "AWS_ENDPOINT": seaweed.endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        **KEYS,
    }
    lake = "cluster/lake"
    with closing(Service(seaweed.settings(tmp_path_factory, lake), create=True)) as embedded:
        embedded.ingest([sample_folder])
        assert embedded.optimize(by_wavelength=True).sorted_copies
        settings = seaweed.settings(tmp_path_factory, lake)
        with (
            Sail(tmp_path / "sail", **access) as sail,
            closing(over(sail.address, settings)) as service,
        ):
            assert_same(service, embedded)
            assert not downloaded_pixels(service)


@pytest.mark.skipif(
    not Path("/dev/fuse").exists() or shutil.which("fusermount3") is None,
    reason="FUSE is missing",
)
def test_spark_over_a_mounted_bucket(
    seaweed: Seaweed,
    sample_folder: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    spark: str,
) -> None:
    lake = "mounted/lake"
    with closing(Service(seaweed.settings(tmp_path_factory, lake), create=True)) as embedded:
        embedded.ingest([sample_folder])
        with seaweed.mounted(tmp_path / "bucket") as folder:
            settings = seaweed.settings(tmp_path_factory, lake)
            with closing(over(spark, settings, spark_lake=str(folder / lake))) as service:
                assert_same(service, embedded)
                assert not downloaded_pixels(service)


def downloaded_pixels(service: Service) -> list[Path]:
    """Return the pixel files on this machine, which only the cluster should read."""
    return list((service.lake.folder / "SpectralPixel").rglob("*.parquet"))


def test_time_limit(samples: Service, address: str) -> None:
    # Under load, DuckDB may exceed the limit while it reads the products.
    too_long = pytest.raises(LimitError, match="exceeded the time limit")
    with closing(over(address, samples.settings, time_limit=1e-6)) as service, too_long:
        service.search(ALL_BY_FLUX)
    with closing(over(address, samples.settings, time_limit=60.0)) as service:
        assert len(service.search(PIXELS).rows)


def test_cancellation_ends_the_search(samples: Service, address: str) -> None:
    with closing(over(address, samples.settings)) as service:
        with pytest.raises(StoppedError):
            service.search(ALL_BY_FLUX, cancel=Cancellation(lambda: True))
        batches = iter(service.stream([("product", "all")]).batches())
        next(batches)
        del batches  # stops the query without waiting for its thread
        assert len(service.search(PIXELS).rows)


def test_lake_that_the_cluster_does_not_find(
    samples: Service, address: str, tmp_path: Path
) -> None:
    # Sail ignores missing files, and would return a result without their pixels.
    with (
        closing(over(address, samples.settings, spark_lake=str(tmp_path))) as service,
        pytest.raises(LakeError, match=r"can read 0 of \d+ files|PATH_NOT_FOUND|does not exist"),
    ):
        service.search(PIXELS)


def test_deleted_file(lake: Service, sample_folder: Path, sail: str) -> None:
    for path in sample_folder.glob("jw99001*x1d.fits"):
        lake.ingest([path])
    with closing(over(sail, lake.settings)) as service:
        next(iter((service.lake.folder / "SpectralPixel").rglob("*x1d/*.parquet"))).unlink()
        with pytest.raises(LakeError, match="The cluster can read 1 of 2 files of the lake at /"):
            service.search([("product", "x1d")])
