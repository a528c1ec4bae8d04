"""A fixture that runs nginx with the project's configuration, on free ports."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY
from tests.support.ports import free_port


@dataclass(frozen=True)
class Proxy:
    """A running nginx with the project's configuration, and the ports of its servers."""

    port: int
    servers: tuple[int, int]


@pytest.fixture(params=["proxy_read_timeout 330s"])
def proxy(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Proxy]:
    """Return a running proxy with low limits."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    own, first, second = free_port(), free_port(), free_port()
    config = (DEPLOY / "nginx.conf").read_text()
    # A client may send only a few requests in the whole duration of a test.
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
            deadline = time.monotonic() + 30
            while not listens(own):
                assert nginx.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.02)
            yield Proxy(own, (first, second))
        finally:
            nginx.terminate()


def listens(port: int) -> bool:
    """Return whether a process listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
