"""Multi-process clusters on this machine that speak Spark Connect: Sail and Apache Spark."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.support.pods import Pod, Pods
from tests.support.ports import HOST, free_port

WORKERS = 2
SECONDS = 90
"""Maximum time for the start of a cluster."""

SPARK_FOLDER = Path(__file__).parents[2] / ".venv-spark"
"""A separate environment, because the full Spark conflicts with its thin client."""

CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
DEPLOY = "org.apache.spark.deploy"

SAIL_WORKER = {"app.kubernetes.io/name": "sail", "app.kubernetes.io/component": "worker"}
REGISTERED = "is available at"
"""Text in Sail's log for each worker that has registered."""


class Cluster(ABC):
    """A cluster with workers, which can be killed and restarted at the same address.

    Parameters
    ----------
    folder
        Folder of its log and its temporary files.
    environment
        Additional environment variables for its processes.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.folder = folder
        self._environment = environment
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        """Address of the endpoint, as in ``sc://127.0.0.1:15002``."""
        return f"sc://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """Kill all processes at once."""
        for process in self._processes:
            _kill(process)
        self._processes.clear()

    @abstractmethod
    def kill_worker(self) -> None:
        """Kill one worker and its child processes."""

    @abstractmethod
    def _start(self) -> None: ...

    def _run(self, *arguments: str, **environment: str) -> None:
        """Start a process in a new process group."""
        with (self.folder / "log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    arguments,
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    start_new_session=True,
                    env=os.environ | self._environment | environment,
                )
            )

    def _wait(self, is_there: Callable[[], bool]) -> None:
        ends = time.monotonic() + SECONDS
        while not is_there():
            if time.monotonic() > ends:
                raise TimeoutError(self._log_text()[-3000:])
            time.sleep(0.1)

    def _log_text(self) -> str:
        return (self.folder / "log").read_text()


class Sail(Cluster):
    """A Sail server whose workers are processes, which Sail treats as Kubernetes pods.

    Each session has its own workers, which start and end together with it.
    """

    _pods: Pods

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, **environment)
        self._open = ExitStack()

    def kill(self) -> None:
        """Kill all processes at once."""
        super().kill()
        self._open.close()

    def workers(self) -> list[Pod]:
        """Return the running workers, those of the newest session last."""
        self._wait(lambda: self._log_text().count(REGISTERED) >= WORKERS)
        return self._pods.running(SAIL_WORKER)

    def kill_worker(self) -> None:
        """Kill one worker and its child processes."""
        self.workers()[-1].kill()

    def _start(self) -> None:
        (self.folder / "log").write_bytes(b"")
        self._pods = self._open.enter_context(Pods(self.folder))
        program = str(Path(sys.executable).with_name("sail"))
        at = ("--ip", HOST, "--port", str(self.port))
        variables = self._settings() | self._environment
        self._run(program, "spark", "server", *at, **variables)
        self._wait(lambda: _listens(self.port))

    def _settings(self) -> dict[str, str]:
        # Pods have only the variables of their template.
        variables = [{"name": name, "value": self._environment[name]} for name in self._environment]
        template = {"spec": {"containers": [{"name": "worker", "env": variables}]}}
        return {
            "RUST_LOG": "info",
            "KUBECONFIG": str(self._pods.kubeconfig),
            "SAIL_MODE": "kubernetes-cluster",
            "SAIL_KUBERNETES__WORKER_POD_TEMPLATE": json.dumps(template),
            "SAIL_CLUSTER__WORKER_INITIAL_COUNT": str(WORKERS),
            "SAIL_CLUSTER__WORKER_MAX_COUNT": str(WORKERS),
            "SAIL_CLUSTER__WORKER_MAX_IDLE_TIME_SECS": "3600",
            # A long stream hangs if a worker has several parts of it.
            "SAIL_EXECUTION__DEFAULT_PARALLELISM": str(WORKERS),
            # The default of two minutes is longer than a test waits for a silent worker.
            "SAIL_CLUSTER__WORKER_HEARTBEAT_INTERVAL_SECS": "1",
            "SAIL_CLUSTER__WORKER_HEARTBEAT_TIMEOUT_SECS": "10",
        }


class Spark(Cluster):
    """A standalone Apache Spark: a master, workers, and a Spark Connect server."""

    def _start(self) -> None:
        (self.folder / "log").write_bytes(b"")
        master = free_port()
        url = f"spark://{HOST}:{master}"
        # No REST port, which two clusters cannot share, and no web UI.
        quiet = {"SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false -Dspark.ui.enabled=false"}
        at = ("--host", HOST, "--webui-port", "0")
        self._class(f"{DEPLOY}.master.Master", *at, "--port", str(master), **quiet)
        self._wait(lambda: _listens(master))
        for number in range(WORKERS):
            work = ("--work-dir", str(self.folder / f"worker-{number}"))
            size = ("--cores", "1", "--memory", "1g")
            self._class(f"{DEPLOY}.worker.Worker", *at, *size, *work, url)
        settings = {
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": str(self.port),
            "spark.executor.memory": "1g",
            "spark.scheduler.minRegisteredResourcesRatio": "1",
            # The default of 200 is for clusters of several machines.
            "spark.sql.shuffle.partitions": str(WORKERS),
            "spark.ui.enabled": "false",
        }
        options = tuple(
            word for name in settings for word in ("--conf", f"{name}={settings[name]}")
        )
        submit = ("--master", url, "--class", CONNECT, *options, "spark-internal")
        self._class(f"{DEPLOY}.SparkSubmit", *submit)
        self._wait(lambda: _listens(self.port))
        self._wait(lambda: self._log_text().count("Registered executor") >= WORKERS)

    def kill_worker(self) -> None:
        """Kill one worker and its child processes."""
        _kill(self._processes.pop(1))

    def _class(self, *arguments: str, **environment: str) -> None:
        home = spark_home()
        self._run(
            str(home / "bin" / "spark-class"),
            *arguments,
            SPARK_HOME=str(home),
            SPARK_LOCAL_IP=HOST,
            **environment,
        )


def spark_home() -> Path:
    """Return the folder of Apache Spark; raise FileNotFoundError if it or Java is missing."""
    found = next(SPARK_FOLDER.glob("lib/python*/site-packages/pyspark"), None)
    if found is None or shutil.which("java") is None:
        raise FileNotFoundError(
            "Apache Spark is missing. Install Java 17 or newer, and run `make .venv-spark/ready`."
        )
    return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its child processes."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
