"""Searches on clusters of several processes: Sail and Apache Spark, over folders and buckets."""

import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from spectraldb.api.app import create_app
from spectraldb.cancellation import Cancellation
from spectraldb.cli import app
from spectraldb.engines.file_pruning import prune_files
from spectraldb.engines.spark.dialect import spark_sql
from spectraldb.engines.spark.sorted_copies import SortedCopies
from spectraldb.errors import BadQueryError, LakeError, LimitError, StoppedError
from spectraldb.query.parse import parse_pixels
from spectraldb.query.pruning import pruning_of
from spectraldb.query.sql.pixels import compile_pixels
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.clusters import WORKERS, Cluster, Sail, Spark
from tests.support.pods import Pod
from tests.support.seaweed import KEYS, Seaweed
from tests.support.spark_home import spark_or_skip

Pairs = list[tuple[str, str]]
NOWHERE = {"engine": "spark", "spark": "sc://127.0.0.1:1"}

CUBES: Pairs = [("product", "s3d"), ("columns", "ra,dec")]
QUERIES: list[Pairs] = [
    [("wavelength", "1.2,1.3"), ("flux.gte", "0.00001"), ("columns", "derSnr,ra,dec")],
    [("product", "s3d"), ("wavelength", "5,5.1"), ("sort_by", "-flux"), ("limit", "50")],
    [("product", "all"), ("group", "True"), ("columns", "nStored"), ("sort_by", "-matched")],
    [("product", "s2d"), ("derSnr.gt", "1"), ("columns", "snr"), ("limit", "3000")],
    [("product", "s3d"), ("ra", "345.815"), ("dec", "8.874"), ("radius", "2arcsec")],
    [("product", "x1d"), ("flux.gte", "3mJy")],
]


def over(cluster: Cluster, lake: Settings, **options: Any) -> Service:
    """Return a service that searches a lake on a cluster."""
    update = {"engine": "spark", "spark": cluster.address, **options}
    return Service(lake.model_copy(update=update))


@pytest.fixture(params=["sail", "spark"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Cluster:
    """Give a cluster with workers that is not yet started."""
    if request.param == "sail":
        return Sail(tmp_path / "cluster")
    spark_or_skip()
    return Spark(tmp_path / "cluster")


@pytest.fixture(params=["sail", "spark"])
def address(request: pytest.FixtureRequest) -> str:
    """Give where a cluster is."""
    found: str = request.getfixturevalue(request.param)
    return found


def assert_same(cluster: Service, embedded: Service) -> None:
    for query in QUERIES:
        ours, theirs = cluster.search(query), embedded.search(query)
        assert ours.rows.equals(theirs.rows)
        assert (ours.after, ours.message, ours.sql) == (theirs.after, theirs.message, theirs.sql)
        assert cluster.count(query).pixels == embedded.count(query).pixels
    all_types = [("product", "all")]
    tables = (pa.Table.from_batches(s.stream(all_types).batches()) for s in (cluster, embedded))
    assert next(tables).equals(next(tables))


def test_a_cluster_over_a_folder(real: Service, tmp_path: Path) -> None:
    # On Spark with its workers all of test_search.py runs.
    with Sail(tmp_path / "sail") as sail, closing(over(sail, real.settings)) as service:
        assert_same(service, real)


def test_a_cluster_over_a_bucket(
    seaweed: Seaweed, real_folder: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reached = {
        "AWS_ENDPOINT_URL": seaweed.endpoint,
        "AWS_ENDPOINT": seaweed.endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        **KEYS,
    }
    place = "cluster/lake"
    with closing(Service(seaweed.settings(tmp_path_factory, place), create=True)) as embedded:
        embedded.ingest([real_folder])
        assert embedded.optimize(by_wavelength=True).sorted_copies
        other = seaweed.settings(tmp_path_factory, place)
        with Sail(tmp_path / "sail", **reached) as sail, closing(over(sail, other)) as service:
            assert_same(service, embedded)
            # The cluster reads the pixels, and not this machine.
            assert not list((service.lake.folder / "SpectralPixel").rglob("*.parquet"))


@pytest.mark.skipif(
    not Path("/dev/fuse").exists() or shutil.which("fusermount3") is None, reason="there is no FUSE"
)
def test_spark_over_a_bucket_that_is_mounted(
    seaweed: Seaweed,
    real_folder: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    spark: str,
) -> None:
    place = "mounted/lake"
    with closing(Service(seaweed.settings(tmp_path_factory, place), create=True)) as embedded:
        embedded.ingest([real_folder])
        with seaweed.mounted(tmp_path / "bucket") as folder:
            update = {"engine": "spark", "spark": spark, "spark_lake": str(folder / place)}
            other = seaweed.settings(tmp_path_factory, place, **update)
            with closing(Service(other)) as service:
                assert_same(service, embedded)
                assert not list((service.lake.folder / "SpectralPixel").rglob("*.parquet"))


def test_a_cluster_that_goes_and_comes_back(real: Service, cluster: Cluster) -> None:
    with cluster:
        service = over(cluster, real.settings)
        before = service.search(QUERIES[0]).rows
        batches = iter(service.stream(CUBES).batches())
        next(batches)
    with pytest.raises(LakeError, match="did not answer"):
        list(batches)
    with pytest.raises(LakeError, match=r"the cluster at sc://.* did not answer the search"):
        service.search(QUERIES[0])
    with cluster, closing(service):
        assert service.search(QUERIES[0]).rows.equals(before)
        assert service.count(CUBES).pixels == real.count(CUBES).pixels


def rest(batches: Iterator[pa.RecordBatch]) -> pa.Table | str:
    """Return what remains of an answer, or why it did not come."""
    try:
        return pa.Table.from_batches(batches)
    except LakeError as error:
        return str(error)


def test_a_worker_that_goes_in_the_middle(real: Service, cluster: Cluster) -> None:
    with cluster, closing(over(cluster, real.settings)) as service:
        batches = iter(service.stream(CUBES).batches())
        first = next(batches)
        cluster.kill_worker()
        found = rest(chain([first], batches))
        if isinstance(found, str):
            # What a worker of Spark had to do, another one does; Sail gives up what has begun.
            assert isinstance(cluster, Sail)
            assert "did not answer" in found
        else:
            assert found.equals(pa.Table.from_batches(real.stream(CUBES).batches()))
        assert service.search(QUERIES[0]).rows.equals(real.search(QUERIES[0]).rows)


@pytest.mark.parametrize("go", [Pod.kill, Pod.hold])
def test_workers_that_go_between_searches(
    real: Service, tmp_path: Path, go: Callable[[Pod], None]
) -> None:
    with Sail(tmp_path / "sail") as sail, closing(over(sail, real.settings)) as service:
        before = service.search(QUERIES[0]).rows
        for worker in sail.workers():
            go(worker)
        assert service.search(QUERIES[0]).rows.equals(before)


def test_who_goes_away_leaves_the_session(real: Service, tmp_path: Path) -> None:
    with Sail(tmp_path / "sail") as sail, closing(over(sail, real.settings)) as service:
        for _ in range(2):
            batches = iter(service.stream(CUBES).batches())
            next(batches)
            del batches
            for thread in threading.enumerate():
                if "_work" in thread.name:
                    thread.join()
        service.search(QUERIES[0])
        assert len(sail.workers()) == WORKERS


def test_the_page_and_the_api_say_so(real: Service) -> None:
    with closing(Service(real.settings.model_copy(update=NOWHERE))) as service:
        client = TestClient(create_app(service))
        for path in ("/spectra/api/v0.1/search", "/ready"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json()["message"].startswith("the cluster that searches run on does not")
        # What needs no search is answered as ever.
        assert client.get("/spectra/api/v0.1/holdings").json()["pixels"]


def test_time_limit(real: Service, address: str) -> None:
    update = {"engine": "spark", "spark": address, "time_limit": 1e-6}
    # Under load DuckDB, which finds the products, is the one that takes too long.
    too_long = pytest.raises(LimitError, match="took longer than")
    with closing(Service(real.settings.model_copy(update=update))) as service, too_long:
        service.search([("product", "all"), ("sort_by", "flux")])
    update["time_limit"] = 60.0
    with closing(Service(real.settings.model_copy(update=update))) as service:
        assert len(service.search(QUERIES[0]).rows)


def test_who_goes_away_ends_the_search(real: Service, address: str) -> None:
    update = {"engine": "spark", "spark": address}
    with closing(Service(real.settings.model_copy(update=update))) as service:
        with pytest.raises(StoppedError):
            service.search(
                [("product", "all"), ("sort_by", "flux")], cancel=Cancellation(lambda: True)
            )
        batches = iter(service.stream([("product", "all")]).batches())
        next(batches)
        del batches  # which ends the query: its thread is not waited for
        assert len(service.search(QUERIES[0]).rows)


def test_numbers_are_doubles(real: Service) -> None:
    # Sail takes 1.3 for a decimal, for which it rounds 1.3000000000000003 of a column to 1.3.
    query = parse_pixels(
        [("wavelength", "1.2,1.3"), ("flux.lt", "-0.5"), ("x", "7")], real.settings
    )
    sql = compile_pixels(query, {}).statement
    text = spark_sql(sql, {table.value: table.value for table in Table})
    assert "BETWEEN 1.2e0 AND 1.3e0) AND s.flux < -0.5e0) AND s.x = 7 " in text


def test_files_that_hold_nothing_of_it_are_left_out(real: Service) -> None:
    snapshot = real.lake.snapshot()
    query = parse_pixels([("wavelength", "20,21"), ("product", "all")], real.settings)
    chosen = prune_files(snapshot, pruning_of(query, {}))
    left = {kind: set(files) for kind, files in chosen.pixels.items() if files}
    before = {kind: set(files) for kind, files in snapshot.pixels.items()}
    assert sum(map(len, left.values())) < sum(map(len, before.values()))
    for kind, files in before.items():
        for file in files:
            wavelengths = pq.read_table(file, columns=["wavelength"])["wavelength"].to_numpy()
            has = bool(np.any((wavelengths >= 20) & (wavelengths <= 21)))
            assert not has or file in left[kind]


def test_copies_by_wavelength_take_the_place_of_files(lake: Service, real_folder: Path) -> None:
    lake.ingest([real_folder])
    snapshot = lake.lake.snapshot()

    def chosen(copies: SortedCopies, **more: str) -> set[str]:
        query = parse_pixels([("product", "x1d"), *more.items()], lake.settings)
        found = copies.substitute(snapshot, pruning_of(query, {})).pixels["x1d"]
        return {Path(file).parent.name for file in found}

    copies = SortedCopies(lake.lake.store)
    assert chosen(copies, wavelength="1.2,1.3") == {"productType=x1d"}
    lake.optimize(by_wavelength=True)
    snapshot = lake.lake.snapshot()
    copies = SortedCopies(lake.lake.store)
    assert chosen(copies, wavelength="1.2,1.3") == {"by-wavelength"}
    assert chosen(copies, **{"wavelength.gte": "20"}) == {"by-wavelength"}
    assert chosen(copies, **{"flux.gte": "1"}) == {"productType=x1d"}
    # Where all wavelengths are asked for, their order is of no use.
    assert chosen(copies, **{"wavelength.gte": "0"}) == {"productType=x1d"}
    query = parse_pixels([("product", "x1d"), ("wavelength.gte", "1")], lake.settings)
    pruning = replace(pruning_of(query, {}), id_range=(0, 2**40))
    assert copies.substitute(snapshot, pruning) is snapshot


def test_two_conditions_on_one_column_choose_files(real: Service) -> None:
    snapshot = real.lake.snapshot()

    def chosen(*pairs: tuple[str, str]) -> object:
        query = parse_pixels([("product", "all"), *pairs], real.settings)
        return prune_files(snapshot, pruning_of(query, {})).pixels

    low, high = ("wavelength.gte", "20"), ("wavelength.lte", "21")
    assert chosen(low, high) == chosen(high, low) == chosen(("wavelength", "20,21"))


def test_files_that_the_cluster_does_not_find(real: Service, address: str, tmp_path: Path) -> None:
    # Sail passes over files that are not there: an answer without their pixels would be wrong.
    update = {"engine": "spark", "spark": address, "spark_lake": str(tmp_path)}
    with (
        closing(Service(real.settings.model_copy(update=update))) as service,
        pytest.raises(LakeError, match=r"finds 0 of \d+ files|PATH_NOT_FOUND|does not exist"),
    ):
        service.search(QUERIES[0])


def test_a_file_that_goes(lake: Service, real_folder: Path, sail: str) -> None:
    lake.ingest([real_folder])
    update = {"engine": "spark", "spark": sail}
    with closing(Service(lake.settings.model_copy(update=update))) as service:
        next(iter((service.lake.folder / "SpectralPixel").rglob("*x1d/*.parquet"))).unlink()
        with pytest.raises(LakeError, match="the cluster finds 1 of 2 files of the lake at /"):
            service.search([("product", "x1d")])


def test_a_cluster_that_hangs_holds_up_nobody(real: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"sc://127.0.0.1:{silent.getsockname()[1]}"
        update = {"engine": "spark", "spark": address, "time_limit": 0.2}
        with closing(Service(real.settings.model_copy(update=update))) as service:
            for _ in range(2):
                with pytest.raises(LimitError):
                    service.search(QUERIES[0])


def test_a_token_is_not_shown(real: Service) -> None:
    update = {"engine": "spark", "spark": "sc://127.0.0.1:1/;token=secret"}
    with (
        closing(Service(real.settings.model_copy(update=update))) as service,
        pytest.raises(LakeError, match=r"the cluster at sc://127\.0\.0\.1:1 did not answer"),
    ):
        service.search(QUERIES[0])


@pytest.mark.parametrize("address", ["sc://host:abc", "sc://host/path"])
def test_no_address_of_a_cluster(real: Service, address: str) -> None:
    update = {"engine": "spark", "spark": address}
    with pytest.raises(BadQueryError, match="no address of a cluster"):
        Service(real.settings.model_copy(update=update))


def test_a_path_that_stands_for_several(tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake*", engine="spark", spark="sc://127.0.0.1:1")
    with pytest.raises(BadQueryError, match=r"with \* in its path"):
        Service(settings, create=True)


@pytest.mark.parametrize("options", [[], ["--spark", "127.0.0.1:15002"]])
def test_no_address(tmp_path: Path, options: list[str]) -> None:
    command = ["serve", "--engine", "spark", "--lake", str(tmp_path / "lake"), *options]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert ("sc://" in result.stderr) or ("should match pattern" in result.stderr)


def test_no_such_engine(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["serve", "--engine", "x", "--lake", str(tmp_path / "lake")])
    assert result.exit_code == 2
    assert "engine: Input should be 'duckdb' or 'spark'" in " ".join(result.stderr.split())


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    with pytest.raises(BadQueryError, match=r"pip install 'spectraldb\[spark\]'"):
        Service(Settings(lake=tmp_path / "lake", engine="spark", spark="sc://x:1"), create=True)
