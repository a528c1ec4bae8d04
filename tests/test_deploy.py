"""What the server is run by: systemd, a container, Kubernetes, a proxy, a job of Slurm."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import pysail
import pytest
import yaml
from fastapi.testclient import TestClient
from packaging.specifiers import SpecifierSet

from bench.clusters import spark_home
from bench.pods import Pod, Pods
from bench.server import free_port
from conftest import ROOT
from seaweed import KEYS, Seaweed
from sparkhome import spark_or_skip
from spectraldb.service import Service
from spectraldb.settings import Settings

Json = dict[str, Any]
QUERY = [("product", "x1d"), ("wavelength", "1.2,1.3"), ("limit", "50")]

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "spectraldb.service"
CONTAINER = (DEPLOY / "Containerfile").read_text()


def parts(name: str) -> dict[tuple[str, str], Json]:
    """Return the parts of a file for Kubernetes by their kinds and names."""
    whole = yaml.safe_load_all((DEPLOY / name).read_text())
    return {(part["kind"], part["metadata"]["name"]): part for part in whole}


KUBERNETES = parts("kubernetes.yaml")
SAIL = parts("sail.yaml")
SAIL_POD: Json = SAIL["Deployment", "sail"]["spec"]["template"]
(SAIL_SERVER,) = SAIL_POD["spec"]["containers"]
SAIL_SETTINGS = {variable["name"]: variable.get("value", "") for variable in SAIL_SERVER["env"]}
SAIL_TEMPLATE: Json = json.loads(SAIL_SETTINGS["SAIL_KUBERNETES__WORKER_POD_TEMPLATE"])
(SAIL_VERBS,) = (rule["verbs"] for rule in SAIL["Role", "sail"]["rules"])


def assert_settings(given: dict[str, str]) -> None:
    names = {name.removeprefix("SPECTRALDB_").lower(): value for name, value in given.items()}
    assert names
    assert set(names) <= set(Settings.model_fields)
    Settings.model_validate(names)


def values(name: str) -> list[str]:
    lines = (line.partition("=") for line in UNIT.read_text().splitlines())
    return [value for key, _, value in lines if key == name]


def test_its_settings_are_settings() -> None:
    assert_settings(dict(value.split("=", 1) for value in values("Environment")))


def test_it_waits_for_answers_that_are_being_sent() -> None:
    (seconds,) = values("TimeoutStopSec")
    assert int(seconds) > Settings().stop_seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_it(tmp_path: Path) -> None:
    # The program has to be there for that.
    program = Path(sys.executable).with_name("spectraldb")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/spectraldb/bin/spectraldb", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert done.returncode == 0


def test_the_container_has_settings_and_files_that_are_there() -> None:
    assert_settings(dict(re.findall(r"(SPECTRALDB_\w+)=(\S+)", CONTAINER)))
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINER, re.MULTILINE)
    paths = [path for line in copied for path in line.split()]
    assert paths
    assert all((ROOT / path).exists() for path in paths)
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    assert {path.split("/")[0] for path in paths} <= let_in


def test_the_container_has_what_buckets_and_clusters_need() -> None:
    lock = (ROOT / "requirements" / "serve.lock").read_text()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for requirement in [*extras["server"], *extras["s3"], *extras["spark"]]:
        name = re.split(r"[^\w.-]", requirement)[0]
        assert re.search(rf"^{name}==", lock, re.MULTILINE), name


def test_kubernetes_asks_what_the_server_answers(real_api: TestClient) -> None:
    assert_settings(KUBERNETES["ConfigMap", "spectraldb"]["data"])
    pod = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > Settings().stop_seconds
    (server,) = pod["containers"]
    assert_settings({variable["name"]: variable["value"] for variable in server["env"]})
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        assert real_api.get(server[probe]["httpGet"]["path"]).status_code == 200
    assert server["ports"][0]["containerPort"] == Settings().port


def keys_of_sail() -> set[str]:
    """Return the names of all settings of the Sail that is installed, which are in its program."""
    (library,) = Path(pysail.__file__).parent.glob("_native*")
    with library.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return {key.decode() for key in re.findall(rb"- key: ([a-z0-9_.]+)", content)}


def test_sail_knows_its_settings() -> None:
    names = [name for name in SAIL_SETTINGS if name.startswith("SAIL_")]
    keys = {name.removeprefix("SAIL_").lower().replace("__", ".") for name in names}
    assert keys <= keys_of_sail()
    most = int(SAIL_SETTINGS["SAIL_CLUSTER__WORKER_MAX_COUNT"])
    slots = most * int(SAIL_SETTINGS["SAIL_CLUSTER__WORKER_TASK_SLOTS"])
    assert int(SAIL_SETTINGS["SAIL_EXECUTION__DEFAULT_PARALLELISM"]) <= slots


def test_the_names_of_sail_agree() -> None:
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


def test_those_who_talk_to_sail_may() -> None:
    policy = SAIL["NetworkPolicy", "sail"]["spec"]
    (guarded,) = policy["podSelector"]["matchExpressions"]
    (let_in,) = policy["ingress"][0]["from"][0]["podSelector"]["matchExpressions"]
    ours = {part["metadata"]["labels"]["app"] for part in (SAIL_POD, SAIL_TEMPLATE)}
    assert set(guarded["values"]) == ours
    server = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]
    assert set(let_in["values"]) == ours | {server["metadata"]["labels"]["app"]}


def test_the_container_of_sail_has_the_version_that_is_tested() -> None:
    (versions,) = re.findall(r"'pysail(.*)'", (DEPLOY / "Containerfile.sail").read_text())
    assert SpecifierSet(versions).contains(version("pysail"))


def sail_pod(port: int) -> Json:
    """Return the pod of Sail's server, which listens at another port."""
    container = SAIL_SERVER | {"args": [*SAIL_SERVER["args"][:-1], str(port)]}
    return {"metadata": {"name": "sail-1", **SAIL_POD["metadata"]},
            "spec": SAIL_POD["spec"] | {"containers": [container]}}  # fmt: skip


def test_kubernetes_runs_sail(
    seaweed: Seaweed, real_folder: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secrets = {"spectraldb": KEYS | {"AWS_ALLOW_HTTP": "true"}}
    maps = {"spectraldb": {"SPECTRALDB_S3_ENDPOINT": seaweed.endpoint,
                           "SPECTRALDB_S3_REGION": "us-east-1"}}  # fmt: skip
    assert set(maps["spectraldb"]) <= set(KUBERNETES["ConfigMap", "spectraldb"]["data"])
    settings = seaweed.settings(tmp_path_factory, "kubernetes/lake")
    log = tmp_path / "log"
    with Pods(tmp_path, secrets, maps) as pods, closing(Service(settings, create=True)) as real:
        real.ingest(sorted(real_folder.glob("*_x1d.fits")))
        port = free_port()
        server = pods.create("spectra", sail_pod(port))
        wait_for(lambda: f"server on 127.0.0.1:{port}" in log.read_text(), log)
        with closing(over(f"sc://127.0.0.1:{port}", real)) as service:
            assert service.search(QUERY).rows.equals(real.search(QUERY).rows)
            workers = pods.running(SAIL_TEMPLATE["metadata"]["labels"])
        assert len(workers) >= int(SAIL_SETTINGS["SAIL_CLUSTER__WORKER_INITIAL_COUNT"])
        assert all(owner(worker) == server["metadata"]["uid"] for worker in workers)
        wait_for(lambda: "deletecollection" in pods.asked, log)
        assert pods.asked <= set(SAIL_VERBS)


def owner(pod: Pod) -> str:
    """Return what goes only together with a pod."""
    (reference,) = pod.about["metadata"]["ownerReferences"]
    return str(reference["uid"])


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")
def test_nginx_understands_its_file(tmp_path: Path) -> None:
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; include {DEPLOY}/nginx.conf; }}"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # What a client says of itself is not passed on.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in (DEPLOY / "nginx.conf").read_text()


def test_a_job_of_slurm_is_a_cluster(real: Service, tmp_path: Path) -> None:
    spark_or_skip()
    # Slurm's own programs, for one node.
    programs = {"scontrol": "echo 127.0.0.1", "srun": 'shift; exec "$@"'}
    for name, does in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    port = free_port()
    given = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path),
        "SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1",
        "SLURM_JOB_ID": "1", "SLURM_JOB_NODELIST": "node", "SLURM_JOB_NUM_NODES": "1",
        "SLURM_CPUS_PER_TASK": "1", "SLURM_MEM_PER_NODE": "1500",
        "MASTER_PORT": str(free_port()), "CONNECT_PORT": str(port),
    }  # fmt: skip
    log = tmp_path / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            ["bash", str(DEPLOY / "spark.slurm")], stdout=out, stderr=out, env=os.environ | given
        ) as job,
    ):
        try:
            wait_for(lambda: f"started at: 127.0.0.1:{port}" in log.read_text(), log)
            address = f"sc://127.0.0.1:{port}"
            assert address in log.read_text()  # which tells its user
            with closing(over(address, real)) as service:
                assert service.search(QUERY).rows.equals(real.search(QUERY).rows)
        finally:
            job.terminate()
            job.wait()


def wait_for(is_there: Callable[[], bool], log: Path) -> None:
    ends = time.monotonic() + 60
    while not is_there():
        assert time.monotonic() < ends, log.read_text()[-3000:]
        time.sleep(0.1)


def over(address: str, real: Service) -> Service:
    """Return a service that searches the same lake on a cluster."""
    return Service(real.settings.model_copy(update={"engine": "spark", "spark": address}))
