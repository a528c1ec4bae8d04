"""Failures of clusters: the error is clear, and the next search succeeds if possible."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.errors import LakeError, LimitError
from spectraldb.service.service import Service
from tests.engines.spark.searches import CUBES, PIXELS, over
from tests.support.clusters import WORKERS, Cluster, Sail
from tests.support.pods import Pod

pytestmark = pytest.mark.alone

NOWHERE = "sc://127.0.0.1:1"


def test_cluster_that_is_restarted(samples: Service, cluster: Cluster) -> None:
    with cluster:
        service = over(cluster.address, samples.settings)
        before = service.search(PIXELS).rows
        batches = iter(service.stream(CUBES).batches())
        next(batches)
    with pytest.raises(LakeError, match="did not complete the search"):
        list(batches)
    with pytest.raises(LakeError, match=r"The cluster at sc://.* did not complete the search"):
        service.search(PIXELS)
    with cluster, closing(service):
        assert service.search(PIXELS).rows.equals(before)
        assert service.count(CUBES).pixels == samples.count(CUBES).pixels


def rest_of(batches: Iterator[pa.RecordBatch]) -> pa.Table | str:
    """Return the rest of a result, or the message of the error that stopped it."""
    try:
        return pa.Table.from_batches(batches)
    except LakeError as error:
        return str(error)


def test_worker_that_dies_during_a_search(samples: Service, cluster: Cluster) -> None:
    with cluster, closing(over(cluster.address, samples.settings)) as service:
        batches = iter(service.stream(CUBES).batches())
        first = next(batches)
        cluster.kill_worker()
        found = rest_of(chain([first], batches))
        if isinstance(found, str):
            # Spark repeats the work of a lost worker; in Sail the query fails.
            assert isinstance(cluster, Sail)
            assert "did not complete the search" in found
        else:
            assert found.equals(pa.Table.from_batches(samples.stream(CUBES).batches()))
        assert service.search(PIXELS).rows.equals(samples.search(PIXELS).rows)


@pytest.mark.parametrize("end", [Pod.kill, Pod.hold])
def test_workers_that_die_between_searches(
    samples: Service, tmp_path: Path, end: Callable[[Pod], None]
) -> None:
    with (
        Sail(tmp_path / "sail") as sail,
        closing(over(sail.address, samples.settings)) as service,
    ):
        before = service.search(PIXELS).rows
        for worker in sail.workers():
            end(worker)
        assert service.search(PIXELS).rows.equals(before)


def test_abandoned_results_leave_the_session(samples: Service, tmp_path: Path) -> None:
    with (
        Sail(tmp_path / "sail") as sail,
        closing(over(sail.address, samples.settings)) as service,
    ):
        for _ in range(2):
            batches = iter(service.stream(CUBES).batches())
            next(batches)
            del batches
            for thread in threading.enumerate():
                if "_work" in thread.name:
                    thread.join()
        service.search(PIXELS)
        assert len(sail.workers()) == WORKERS


def test_responses_without_a_cluster(samples: Service) -> None:
    with closing(over(NOWHERE, samples.settings)) as service:
        client = TestClient(create_app(service))
        for path in ("/spectra/api/v0.1/search", "/ready"):
            response = client.get(path)
            assert response.status_code == 503
            message = response.json()["message"]
            assert message.startswith("The cluster does not respond")
        # Endpoints that do not search are not affected.
        assert client.get("/spectra/api/v0.1/holdings").json()["pixels"]


def test_time_limit_ends_the_wait_for_a_silent_cluster(samples: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"sc://127.0.0.1:{silent.getsockname()[1]}"
        with closing(over(address, samples.settings, time_limit=0.2)) as service:
            for _ in range(2):
                with pytest.raises(LimitError):
                    service.search(PIXELS)


def test_token_is_not_part_of_a_message(samples: Service) -> None:
    with (
        closing(over(f"{NOWHERE}/;token=secret", samples.settings)) as service,
        pytest.raises(LakeError, match=r"The cluster at sc://127\.0\.0\.1:1 did not complete"),
    ):
        service.search(PIXELS)
