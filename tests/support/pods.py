"""A stand-in for the Kubernetes API, in which each pod is a process on this machine."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.ports import HOST

Json = dict[str, Any]
Labels = Mapping[str, str]

EVERYWHERE = "0.0.0.0"
PLACE = re.compile(r"/api/v1/namespaces/([^/]+)/pods(?:/([^/]+))?")


@dataclass
class Pod:
    """A pod as the API describes it, and the process of its only container."""

    about: Json
    process: subprocess.Popen[bytes]

    @property
    def name(self) -> str:
        """Name of the pod."""
        return str(self.about["metadata"]["name"])

    def has(self, labels: Labels) -> bool:
        """Return whether the pod has these labels."""
        has: Labels = self.about["metadata"].get("labels", {})
        return labels.items() <= has.items()

    def runs(self) -> bool:
        """Return whether its process is running."""
        return self.process.poll() is None

    def hold(self) -> None:
        """Suspend its process, as if its machine were unreachable."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """Kill its process and the child processes."""
        if self.runs():  # otherwise, its ID may belong to another process
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Pods:
    """A server that creates, describes and deletes pods for clients that read `kubeconfig`.

    It ignores images and runs programs of this environment. A container has only the variables
    of its pod, and listens only on this machine.

    Parameters
    ----------
    folder
        Folder of the file `kubeconfig` and of `log`, the output of the processes.
    secrets, maps
        Contents of each Secret and each ConfigMap.
    """

    def __init__(
        self,
        folder: Path,
        secrets: Mapping[str, Labels] = MappingProxyType({}),
        maps: Mapping[str, Labels] = MappingProxyType({}),
    ) -> None:
        self.kubeconfig = folder / "kubeconfig"
        self.requested: set[str] = set()
        """Verbs of all requests, as in a Role."""
        self._log = folder / "log"
        self._secrets, self._maps = secrets, maps
        self._pods: dict[str, Pod] = {}
        self._lock = threading.Lock()
        self._is_over = False
        self._server = _Server(self)

    def __enter__(self) -> Self:
        self.kubeconfig.write_text(json.dumps(_kubeconfig(self._server.server_port)))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            self._is_over = True
        self.delete({})

    def create(self, namespace: str, pod: Json) -> Json:
        """Start the process of a pod, and return the created pod."""
        about = pod | {"status": {"phase": "Running", "podIP": HOST}}
        about["metadata"] = {"uid": str(uuid.uuid4()), **pod["metadata"], "namespace": namespace}
        with self._lock:
            if self._is_over:
                raise RuntimeError("The server has stopped and creates no more pods.")
            self._pods[about["metadata"]["name"]] = Pod(about, self._start(about))
        return about

    def get(self, name: str) -> Json | None:
        """Return a pod by name, or None."""
        pod = self._pods.get(name)
        return pod.about if pod else None

    def delete(self, labels: Labels) -> list[Json]:
        """Delete the pods that have these labels, and return them."""
        with self._lock:
            ended = [pod for pod in self._pods.values() if pod.has(labels)]
            for pod in ended:
                del self._pods[pod.name]
        for pod in ended:
            pod.kill()
        return [pod.about for pod in ended]

    def running(self, labels: Labels) -> list[Pod]:
        """Return the running pods that have these labels, the newest last."""
        with self._lock:
            return [pod for pod in self._pods.values() if pod.has(labels) and pod.runs()]

    def _start(self, pod: Json) -> subprocess.Popen[bytes]:
        (container,) = pod["spec"]["containers"]
        command = [*container["command"], *container["args"]]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        # The file replaces the service account of a pod.
        base = {"PATH": path, "KUBECONFIG": str(self.kubeconfig)}
        variables = base | dict(self._variables(pod, container))
        with self._log.open("ab") as log:
            return subprocess.Popen(
                list(map(_here, command)),
                stdout=log,
                stderr=log,
                cwd=self._log.parent,
                start_new_session=True,
                env={n: _here(v) for n, v in variables.items()},
            )

    def _variables(self, pod: Json, container: Json) -> Iterator[tuple[str, str]]:
        for source in container.get("envFrom", ()):
            yield from self._secrets[source["secretRef"]["name"]].items()
        for variable in container["env"]:
            yield variable["name"], str(self._value(variable, pod))

    def _value(self, variable: Json, pod: Json) -> object:
        match variable:
            case {"valueFrom": {"configMapKeyRef": {"name": name, "key": key}}}:
                return self._maps[name][key]
            case {"valueFrom": {"fieldRef": {"fieldPath": path}}}:
                return reduce(dict.__getitem__, path.split("."), pod)
        return variable["value"]


class _Server(ThreadingHTTPServer):
    def __init__(self, pods: Pods) -> None:
        super().__init__((HOST, 0), _Handler)
        self.pods = pods

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that were killed during a request."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """The requests that Sail sends: create a pod, get one, and delete pods by labels."""

    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        namespace, _ = self._record("create")
        pod = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(HTTPStatus.CREATED, self.server.pods.create(namespace, pod))

    def do_GET(self) -> None:
        _, name = self._record("get")
        pod = self.server.pods.get(name)
        self._answer(HTTPStatus.OK if pod else HTTPStatus.NOT_FOUND, pod or {"kind": "Status"})

    def do_DELETE(self) -> None:
        self._record("deletecollection")
        (selector,) = parse_qs(urlsplit(self.path).query)["labelSelector"]
        ended = self.server.pods.delete(dict(word.split("=") for word in selector.split(",")))
        self._answer(HTTPStatus.OK, {"kind": "PodList", "metadata": {}, "items": ended})

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _record(self, verb: str) -> tuple[str, str]:
        """Record a request, and return its namespace and name."""
        found = PLACE.fullmatch(urlsplit(self.path).path)
        if found is None:
            raise ValueError(f"Not a path of pods: {self.path}")
        self.server.pods.requested.add(verb)
        return found[1], found[2] or ""

    def _answer(self, status: HTTPStatus, content: Json) -> None:
        body = json.dumps({"apiVersion": "v1"} | content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _kubeconfig(port: int) -> Json:
    name = "pods"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": f"http://{HOST}:{port}"}}],
        "users": [{"name": name, "user": {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def _here(word: str) -> str:
    """Return a word of a command, with the address of this machine instead of all networks."""
    return HOST if word == EVERYWHERE else word
