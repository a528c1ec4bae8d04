"""Sail on Kubernetes: names and settings agree, and its role suffices to run searches."""

import re
from contextlib import closing
from importlib.metadata import version
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pyarrow as pa
import pysail
import pytest
from packaging.specifiers import SpecifierSet

from spectraldb.service.service import Service
from tests.deploy.files import (
    DEPLOY,
    KUBERNETES,
    SAIL,
    SAIL_POD,
    SAIL_SERVER,
    SAIL_SETTINGS,
    SAIL_TEMPLATE,
    SAIL_VERBS,
    Json,
    wait_for,
)
from tests.engines.spark.searches import CUBES, PIXELS, over
from tests.support.pods import Pod, Pods
from tests.support.ports import free_port
from tests.support.seaweed import KEYS, Seaweed


def keys_of_sail() -> set[str]:
    """Return the names of all settings in the binary of the installed Sail."""
    (library,) = Path(pysail.__file__).parent.glob("_native*")
    with library.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return {key.decode() for key in re.findall(rb"- key: ([a-z0-9_.]+)", content)}


def test_settings_exist_in_sail() -> None:
    names = [name for name in SAIL_SETTINGS if name.startswith("SAIL_")]
    keys = {name.removeprefix("SAIL_").lower().replace("__", ".") for name in names}
    assert keys <= keys_of_sail()


def test_each_part_of_a_query_has_a_worker() -> None:
    assert SAIL_SETTINGS["SAIL_CLUSTER__WORKER_TASK_SLOTS"] == "1"
    parts, first, most = (
        int(SAIL_SETTINGS[f"SAIL_{name}"])
        for name in (
            "EXECUTION__DEFAULT_PARALLELISM",
            "CLUSTER__WORKER_INITIAL_COUNT",
            "CLUSTER__WORKER_MAX_COUNT",
        )
    )
    assert parts <= first <= most


def test_services_set_no_variables() -> None:
    server = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]
    for pod in (server, SAIL_POD, SAIL_TEMPLATE):
        assert pod["spec"]["enableServiceLinks"] is False


def test_names_agree() -> None:
    account = SAIL_POD["spec"]["serviceAccountName"]
    binding = SAIL["RoleBinding", "sail"]
    assert ("ServiceAccount", account) in SAIL
    assert [subject["name"] for subject in binding["subjects"]] == [account]
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) in SAIL
    assert SAIL_SETTINGS["SAIL_KUBERNETES__IMAGE"] == SAIL_SERVER["image"]
    labels = SAIL_POD["metadata"]["labels"]
    assert SAIL["Deployment", "sail"]["spec"]["selector"]["matchLabels"] == labels
    service = SAIL["Service", "sail"]["spec"]
    assert service["selector"] == labels
    (port,) = (port["port"] for port in service["ports"])
    assert port == SAIL_SERVER["ports"][0]["containerPort"] == int(SAIL_SERVER["args"][-1])
    assert f"SPECTRALDB_SPARK: sc://sail:{port}" in (DEPLOY / "kubernetes.yaml").read_text()


def test_network_policy_allows_the_server_and_workers() -> None:
    policy = SAIL["NetworkPolicy", "sail"]["spec"]
    (guarded,) = policy["podSelector"]["matchExpressions"]
    (allowed,) = policy["ingress"][0]["from"][0]["podSelector"]["matchExpressions"]
    ours = {part["metadata"]["labels"]["app"] for part in (SAIL_POD, SAIL_TEMPLATE)}
    assert set(guarded["values"]) == ours
    server = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]
    assert set(allowed["values"]) == ours | {server["metadata"]["labels"]["app"]}


def test_container_has_the_tested_version() -> None:
    (versions,) = re.findall(r"'pysail(.*)'", (DEPLOY / "Containerfile.sail").read_text())
    assert SpecifierSet(versions).contains(version("pysail"))


def sail_pod(port: int) -> Json:
    """Return the pod of Sail's server, with another port."""
    container = SAIL_SERVER | {"args": [*SAIL_SERVER["args"][:-1], str(port)]}
    return {
        "metadata": {"name": "sail-1", **SAIL_POD["metadata"]},
        "spec": SAIL_POD["spec"] | {"containers": [container]},
    }


@pytest.mark.alone
def test_sail_runs_searches_on_kubernetes(
    seaweed: Seaweed, sample_folder: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secrets = {"spectraldb": KEYS | {"AWS_ALLOW_HTTP": "true"}}
    maps = {
        "spectraldb": {
            "SPECTRALDB_S3_ENDPOINT": seaweed.endpoint,
            "SPECTRALDB_S3_REGION": "us-east-1",
        }
    }
    assert set(maps["spectraldb"]) <= set(KUBERNETES["ConfigMap", "spectraldb"]["data"])
    settings = seaweed.settings(tmp_path_factory, "kubernetes/lake")
    log = tmp_path / "log"
    with Pods(tmp_path, secrets, maps) as pods, closing(Service(settings, create=True)) as embedded:
        embedded.ingest([sample_folder])
        port = free_port()
        server = pods.create("spectra", sail_pod(port))
        wait_for(lambda: f"server on 127.0.0.1:{port}" in log.read_text(), log)
        with closing(over(f"sc://127.0.0.1:{port}", embedded.settings)) as service:
            assert service.search(PIXELS).rows.equals(embedded.search(PIXELS).rows)
            slow = iter(service.stream(CUBES).batches())
            first = next(slow)
            # A client that stops reading does not block others.
            whole = pa.Table.from_batches(embedded.stream(CUBES).batches())
            assert pa.Table.from_batches(service.stream(CUBES).batches()).equals(whole)
            assert pa.Table.from_batches([first, *slow]).equals(whole)
            workers = pods.running(SAIL_TEMPLATE["metadata"]["labels"])
        assert len(workers) >= int(SAIL_SETTINGS["SAIL_CLUSTER__WORKER_INITIAL_COUNT"])
        assert all(owner(worker) == server["metadata"]["uid"] for worker in workers)
        wait_for(lambda: "deletecollection" in pods.requested, log)
        assert pods.requested <= set(SAIL_VERBS)


def owner(pod: Pod) -> str:
    """Return the UID of the pod that owns a pod; Kubernetes deletes both together."""
    (reference,) = pod.about["metadata"]["ownerReferences"]
    return str(reference["uid"])
