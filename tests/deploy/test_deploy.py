"""What the server is run by: systemd, a container, Kubernetes, a proxy, a job of Slurm."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from mmap import ACCESS_READ, mmap
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import pyarrow as pa
import pysail
import pytest
import yaml
from fastapi.testclient import TestClient
from packaging.specifiers import SpecifierSet
from pydantic import ByteSize, TypeAdapter, ValidationError

from spectraldb.formats.json import MEDIA_TYPE, error_json
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.conftest import ROOT
from tests.support.clusters import spark_home
from tests.support.pods import Pod, Pods
from tests.support.ports import free_port
from tests.support.seaweed import KEYS, Seaweed
from tests.support.spark_home import spark_or_skip

Json = dict[str, Any]
QUERY = [("product", "x1d"), ("wavelength", "1.2,1.3"), ("limit", "50")]
CUBES = [("product", "s3d"), ("columns", "ra,dec")]

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
def test_systemd_understands_it_and_what_is_added(tmp_path: Path) -> None:
    # The program has to be there for that.
    program = Path(sys.executable).with_name("spectraldb")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/spectraldb/bin/spectraldb", str(program)))
    text = (ROOT / "docs" / "server.md").read_text()
    added = re.search(r"cat > /etc/systemd/system/(\S+) <<'END'\n(.*?)END\n", text, re.DOTALL)
    assert added
    more = tmp_path / added[1]
    assert more.parent.name == f"{UNIT.name}.d"
    more.parent.mkdir()
    more.write_text(added[2])
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    unit_names = [UNIT.name, more.name]
    assert not [
        line for line in done.stderr.splitlines() if any(name in line for name in unit_names)
    ]
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
    (server,) = pod["containers"]
    program, seconds = server["lifecycle"]["preStop"]["exec"]["command"]
    assert program == "sleep"
    assert pod["terminationGracePeriodSeconds"] > int(seconds) + Settings().stop_seconds
    assert_settings({variable["name"]: variable["value"] for variable in server["env"]})
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        assert real_api.get(server[probe]["httpGet"]["path"]).status_code == 200
    assert server["ports"][0]["containerPort"] == Settings().port
    # A store that does not answer is waited for up to 20 seconds.
    assert server["readinessProbe"]["timeoutSeconds"] > 20


def test_the_processes_of_a_pod_fit_into_its_memory() -> None:
    (server,) = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]["spec"]["containers"]
    given = {variable["name"]: variable["value"] for variable in server["env"]}
    own = int(given["SPECTRALDB_PROCESSES"]) * size("1GB")
    requests, most = (size(server["resources"][k]["memory"] + "B") for k in ("requests", "limits"))
    assert size(given["SPECTRALDB_MEMORY_LIMIT"]) + own <= requests <= most


def size(text: str) -> int:
    return TypeAdapter(ByteSize).validate_python(text)


def test_pods_run_the_image_that_was_built_with_their_own_variables() -> None:
    job = KUBERNETES["CronJob", "spectraldb-optimize"]["spec"]["jobTemplate"]["spec"]
    for owner in (KUBERNETES["Deployment", "spectraldb"]["spec"], job):
        pod = owner["template"]["spec"]
        assert pod["containers"][0]["imagePullPolicy"] == "IfNotPresent"
        # What Kubernetes would tell of the service is no port.
        assert pod["enableServiceLinks"] is False
    with pytest.raises(ValidationError):
        Settings.model_validate({"port": "tcp://10.0.0.1:80"})


def keys_of_sail() -> set[str]:
    """Return the names of all settings of the Sail that is installed, which are in its program."""
    (library,) = Path(pysail.__file__).parent.glob("_native*")
    with library.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return {key.decode() for key in re.findall(rb"- key: ([a-z0-9_.]+)", content)}


def test_sail_knows_its_settings() -> None:
    names = [name for name in SAIL_SETTINGS if name.startswith("SAIL_")]
    keys = {name.removeprefix("SAIL_").lower().replace("__", ".") for name in names}
    assert keys <= keys_of_sail()


def test_parts_of_queries_have_workers() -> None:
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


def test_services_set_no_settings() -> None:
    server = KUBERNETES["Deployment", "spectraldb"]["spec"]["template"]
    for pod in (server, SAIL_POD, SAIL_TEMPLATE):
        assert pod["spec"]["enableServiceLinks"] is False


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
    return {
        "metadata": {"name": "sail-1", **SAIL_POD["metadata"]},
        "spec": SAIL_POD["spec"] | {"containers": [container]},
    }


def test_kubernetes_runs_sail(
    seaweed: Seaweed, real_folder: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
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
    with Pods(tmp_path, secrets, maps) as pods, closing(Service(settings, create=True)) as real:
        real.ingest([real_folder])
        port = free_port()
        server = pods.create("spectra", sail_pod(port))
        wait_for(lambda: f"server on 127.0.0.1:{port}" in log.read_text(), log)
        with closing(over(f"sc://127.0.0.1:{port}", real)) as service:
            assert service.search(QUERY).rows.equals(real.search(QUERY).rows)
            waiting = iter(service.stream(CUBES).batches())
            first = next(waiting)
            # One client that does not go on holds up nobody.
            whole = pa.Table.from_batches(real.stream(CUBES).batches())
            assert pa.Table.from_batches(service.stream(CUBES).batches()).equals(whole)
            assert pa.Table.from_batches([first, *waiting]).equals(whole)
            workers = pods.running(SAIL_TEMPLATE["metadata"]["labels"])
        assert len(workers) >= int(SAIL_SETTINGS["SAIL_CLUSTER__WORKER_INITIAL_COUNT"])
        assert all(owner(worker) == server["metadata"]["uid"] for worker in workers)
        wait_for(lambda: "deletecollection" in pods.requested, log)
        assert pods.requested <= set(SAIL_VERBS)


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


@dataclass(frozen=True)
class Said:
    """What a client was answered."""

    status: int
    body: bytes
    headers: Message

    @property
    def message(self) -> str:
        """Return the message of an error, which has the one shape of all errors."""
        assert self.headers["Content-Type"] == "application/json"
        assert self.headers["X-Request-ID"]
        text = json.loads(self.body)
        assert set(text) == {"status", "message"}
        assert text["status"] == 0
        return str(text["message"])


def ask(port: int, path: str = "/", body: bytes | None = None, method: str = "GET") -> Said:
    """Ask on a connection of its own; errors of HTTP are answers too."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method if body is None else "POST", path, body)
        answer = connection.getresponse()
        return Said(answer.status, answer.read(), answer.headers)


class Standin(ThreadingHTTPServer):
    """A server behind the proxy, which is told how to be; it notes what it was asked."""

    daemon_threads = True
    busy = False
    """It refuses requests."""
    closed = False
    """It ends while it is asked."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(("127.0.0.1", port), BackendHandler)
        self.name = name
        self.waits = Event()
        self.waits.set()
        self.requests: list[Message] = []

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class BackendHandler(BaseHTTPRequestHandler):
    """Answers as the server does: it is busy, or it tells who it is."""

    protocol_version = "HTTP/1.1"
    server: Standin

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(self.headers)
        self.server.waits.wait()
        if self.server.closed:
            self.close_connection = True
            return
        text = self.server.name.encode()
        if self.server.busy:
            text = error_json("5 requests are being answered, the most here; ask again soon")
        self.send_response(503 if self.server.busy else 200)
        self.send_header("Content-Length", str(len(text)))
        if self.server.busy:
            self.send_header("Content-Type", MEDIA_TYPE)
            self.send_header("Retry-After", "7")
        self.send_header("X-Request-ID", self.headers["X-Request-ID"])
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_POST = do_HEAD = do_GET  # noqa: N815 - names of the API

    def log_message(self, *_: object) -> None:
        """Say nothing: tests look at what was asked."""


@dataclass(frozen=True)
class Proxy:
    """A running nginx with the file of the project, and the ports that stand for its servers'."""

    port: int
    servers: tuple[int, int]


@pytest.fixture(params=["proxy_read_timeout 330s"])
def proxy(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Proxy]:
    if shutil.which("nginx") is None:
        pytest.skip("there is no nginx here")
    own, first, second = free_port(), free_port(), free_port()
    config = (DEPLOY / "nginx.conf").read_text()
    # Few requests are many here, and none is given back while a test runs.
    for before, now in {
        "listen 8080;": f"listen 127.0.0.1:{own};",
        "127.0.0.1:8001": f"127.0.0.1:{first}",
        "127.0.0.1:8002": f"127.0.0.1:{second}",
        "rate=20r/s": "rate=1r/m",
        "burst=200": "burst=9",
        "client_max_body_size 100m": "client_max_body_size 1k",
        "proxy_read_timeout 330s": request.param,
    }.items():
        assert config.count(before) == 1, before
        config = config.replace(before, now)
    (tmp_path / "site.conf").write_text(config)
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; events {{}}\n"
        f"http {{ access_log off; {folders} include {tmp_path}/site.conf; }}"
    )
    log = tmp_path / "log"
    command = ["nginx", "-e", str(log), "-c", str(tmp_path / "nginx.conf")]
    with subprocess.Popen(command) as nginx:
        try:
            ends = time.monotonic() + 30
            while not listens(own):
                assert nginx.poll() is None, log.read_text()
                assert time.monotonic() < ends, log.read_text()
                time.sleep(0.02)
            yield Proxy(own, (first, second))
        finally:
            nginx.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_busy_server_has_another_one_answer(proxy: Proxy) -> None:
    with Standin(proxy.servers[0], "one") as one, Standin(proxy.servers[1], "two") as two:
        one.busy = True
        for _ in range(4):
            assert ask(proxy.port).body == b"two"
        # A table to match is sent again too.
        assert [ask(proxy.port, "/spectra/api/v0.1/match", b"ra,dec").body for _ in "ab"] == [
            b"two",
            b"two",
        ]
        assert one.requests
        assert one.requests[0]["X-Forwarded-For"] == "127.0.0.1"
        # It is asked again at once when it is no longer busy.
        one.busy, two.busy = False, True
        assert ask(proxy.port).body == b"one"


def test_if_all_are_busy_the_client_gets_their_message(proxy: Proxy) -> None:
    with Standin(proxy.servers[0], "one") as one, Standin(proxy.servers[1], "two") as two:
        one.busy = two.busy = True
        for _ in range(3):
            said = ask(proxy.port)
            assert said.status == 503
            assert said.message.startswith("5 requests are being answered")
            assert said.headers["Retry-After"] == "7"
        assert ask(proxy.port, method="HEAD").status == 503
        assert len(one.requests) == len(two.requests) == 4
        two.busy = False
        assert ask(proxy.port, "/ready").body == b"two"


def test_a_server_that_is_down_is_not_missed(proxy: Proxy) -> None:
    said = ask(proxy.port)
    assert (said.status, said.message) == (502, "no server answers; ask again in 5 s")
    assert said.headers["Retry-After"] == "5"
    with Standin(proxy.servers[1], "two") as two:
        assert {ask(proxy.port).body for _ in range(4)} == {b"two"}
        two.busy = True
        # Whichever of both is asked first.
        said_by = [ask(proxy.port) for _ in range(4)]
        assert {said.status for said in said_by} == {503}
        assert all("busy" in said.message or "answered" in said.message for said in said_by)
        assert all(said.headers["Retry-After"] for said in said_by)
        assert len(two.requests) == 8


def test_requests_of_a_server_that_ends_go_to_another(proxy: Proxy) -> None:
    with Standin(proxy.servers[0], "one") as one, Standin(proxy.servers[1], "two"):
        one.closed = True
        said_by = [ask(proxy.port, "/match", b"ra,dec") for _ in range(4)]
        assert {said.body for said in said_by} == {b"two"}
        assert one.requests


@pytest.mark.parametrize("proxy", ["proxy_read_timeout 200ms"], indirect=True)
def test_a_server_that_takes_too_long_is_reported(proxy: Proxy) -> None:
    with Standin(proxy.servers[0], "one") as one, Standin(proxy.servers[1], "two") as two:
        one.waits.clear()
        two.waits.clear()
        said = ask(proxy.port)
        one.waits.set()
        two.waits.set()
    assert (said.status, said.message) == (504, "the server takes too long; ask again later")
    assert said.headers["Retry-After"] == "5"


def test_one_client_may_ask_so_much(proxy: Proxy) -> None:
    with Standin(proxy.servers[0], "one"), Standin(proxy.servers[1], "two"):
        assert {ask(proxy.port).status for _ in range(10)} == {200}
        said = ask(proxy.port)
        assert said.status == 429
        assert said.message == "too many requests from one client; ask again in 1 s"
        assert said.headers["Retry-After"] == "1"
        # As by the server itself.
        assert {ask(proxy.port, path).status for path in ("/health", "/ready")} == {200}


def test_what_nginx_refuses_looks_like_an_error_of_the_server(proxy: Proxy) -> None:
    with Standin(proxy.servers[0], "one") as one, Standin(proxy.servers[1], "two") as two:
        assert ask(proxy.port, "/metrics").status == 404
        assert ask(proxy.port, "/metrics").message
        for status, path, body in (
            (413, "/match", b"x" * 2000),
            (414, "/search?" + "x" * 20_000, None),
        ):
            said = ask(proxy.port, path, body)
            assert said.status == status
            assert said.message
        assert not one.requests + two.requests
        # As long as the server takes.
        assert ask(proxy.port, "/search?" + "x" * 15_000).status == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET a b c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
    ids=["two hosts", "no path", "long header"],
)
def test_an_unreadable_request_gets_an_error(proxy: Proxy, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as raw:
        raw.sendall(request_)
        with HTTPResponse(raw) as answer:
            answer.begin()
            said = Said(answer.status, answer.read(), answer.headers)
    assert (said.status, said.message) == (400, "this is no request that can be read")


def slurm(folder: Path, **given: str) -> dict[str, str]:
    """Return the environment of a job: Slurm's own programs and variables, for one node."""
    options = 'while [ "${1#--}" != "$1" ]; do shift; done'
    programs = {
        "scontrol": "echo 127.0.0.1",
        "srun": f'echo "$@" > {folder}/srun.txt; {options}; exec "$@"',
    }
    for name, does in programs.items():
        write_program(folder / name, does)
    return os.environ | {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "TMPDIR": str(folder),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SLURM_JOB_ID": "1",
        "SLURM_JOB_NODELIST": "node",
        "SLURM_JOB_NUM_NODES": "1",
        "SLURM_CPUS_PER_TASK": "1",
        "SLURM_MEM_PER_NODE": "1500",
        **given,
    }


def write_program(path: Path, does: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def test_a_job_of_slurm_is_a_cluster(real: Service, tmp_path: Path) -> None:
    spark_or_skip()
    port = free_port()
    environment = slurm(
        tmp_path,
        SPARK_HOME=str(spark_home()),
        DRIVER_MEMORY="1g",
        MASTER_PORT=str(free_port()),
        CONNECT_PORT=str(port),
    )
    log = tmp_path / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            ["bash", str(DEPLOY / "spark.slurm")], stdout=out, stderr=out, env=environment
        ) as job,
    ):
        try:
            address = f"sc://127.0.0.1:{port}"
            text = f"spectraldb serve --engine spark --spark {address}\n"
            wait_for(lambda: text in log.read_text() or job.poll() is not None, log)
            assert text in log.read_text(), log.read_text()[-3000:]
            with closing(over(address, real)) as service:
                assert service.search(QUERY).rows.equals(real.search(QUERY).rows)
        finally:
            job.terminate()
            job.wait()
    assert "--cpus-per-task=1 " in (tmp_path / "srun.txt").read_text()


def wait_for(is_there: Callable[[], bool], log: Path) -> None:
    ends = time.monotonic() + 150
    while not is_there():
        assert time.monotonic() < ends, log.read_text()[-3000:]
        time.sleep(0.1)


def over(address: str, real: Service) -> Service:
    """Return a service that searches the same lake on a cluster."""
    return Service(real.settings.model_copy(update={"engine": "spark", "spark": address}))


JAVA = "echo 'openjdk version \"{}\" 2021-09-14' >&2"


def run_job(environment: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", str(DEPLOY / "spark.slurm")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "spectraldb serve" not in done.stdout
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("java", "text"),
    [("", "set JAVA_HOME\n"), ("11.0.2", "is of version 11\n"), ("1.8.0_402", "is of version 1\n")],
)
def test_a_job_names_the_java_that_it_needs(tmp_path: Path, java: str, text: str) -> None:
    if java:
        write_program(tmp_path / "java" / "bin" / "java", JAVA.format(java))
    status, error = run_job(slurm(tmp_path, JAVA_HOME=str(tmp_path / "java")))
    assert status == 1
    assert error.startswith("error: Spark needs Java 17 or newer")
    assert error.endswith(text)


@pytest.fixture
def pretended(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a job with a Java of the right version, and a Spark that ends."""
    write_program(tmp_path / "java" / "bin" / "java", JAVA.format("17.0.1"))
    write_program(tmp_path / "spark" / "bin" / "spark-class", "echo no memory >&2; exit 3")
    return slurm(
        tmp_path,
        JAVA_HOME=str(tmp_path / "java"),
        SPARK_HOME=str(tmp_path / "spark"),
        MASTER_PORT=str(free_port()),
        CONNECT_PORT=str(free_port()),
    )


def test_a_job_ends_with_its_master(pretended: dict[str, str]) -> None:
    status, error = run_job(pretended)
    assert status == 1
    assert error == "no memory\nerror: a part of Spark has ended; its reason is above\n"


def test_a_job_does_not_take_the_master_of_another_one(pretended: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(pretended["MASTER_PORT"]))):
        status, error = run_job(pretended)
    assert status == 1
    assert error.startswith(f"error: port {pretended['MASTER_PORT']} of 127.0.0.1 is taken")


def test_a_job_without_spark_says_so(pretended: dict[str, str]) -> None:
    status, error = run_job(pretended | {"SPARK_HOME": "/nowhere"})
    assert status == 1
    assert error == "error: SPARK_HOME has to be the folder of Spark\n"
