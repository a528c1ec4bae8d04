"""Clusters of several processes: Sail, and Apache Spark if it is installed."""

from pathlib import Path

import pytest

from tests.support.clusters import Cluster, Sail, Spark
from tests.support.spark_home import spark_or_skip, uses_spark

CLUSTERS = ["sail", "spark"] if uses_spark() else ["sail"]


@pytest.fixture(params=CLUSTERS)
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Cluster:
    """Return a cluster with workers that has not been started."""
    if request.param == "sail":
        return Sail(tmp_path / "cluster")
    spark_or_skip()
    return Spark(tmp_path / "cluster")


@pytest.fixture(params=CLUSTERS)
def address(request: pytest.FixtureRequest) -> str:
    """Yield the address of a cluster that the tests share."""
    found: str = request.getfixturevalue(request.param)
    return found
