"""What the server is run by: systemd, a container, Kubernetes, a proxy, a job of Slurm."""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from bench.clusters import spark_home
from bench.server import free_port
from conftest import ROOT
from sparkhome import spark_or_skip
from spectraldb.service import Service
from spectraldb.settings import Settings

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "spectraldb.service"
CONTAINER = (DEPLOY / "Containerfile").read_text()
KUBERNETES: dict[tuple[str, str], dict[str, Any]] = {
    (part["kind"], part["metadata"]["name"]): part
    for part in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
}


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
            assert_found(real, f"sc://127.0.0.1:{port}", log)
        finally:
            job.terminate()
            job.wait()


def assert_found(real: Service, address: str, log: Path) -> None:
    """Assert that a search at an address, once that is there, finds what the lake has."""
    ends = time.monotonic() + 60
    while f"started at: {address.removeprefix('sc://')}" not in log.read_text():
        assert time.monotonic() < ends, log.read_text()[-3000:]
        time.sleep(0.2)
    assert address in log.read_text()  # which tells its user
    query = [("product", "x1d"), ("wavelength", "1.2,1.3"), ("limit", "50")]
    settings = real.settings.model_copy(update={"engine": "spark", "spark": address})
    with closing(Service(settings)) as service:
        assert service.search(query).rows.equals(real.search(query).rows)
