"""The server: processes that share a socket, and a clean shutdown."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import urllib3

from spectraldb.api.server import divide_memory, make_loop, open_listener
from spectraldb.service.service import Service
from tests.support.prometheus import sample_value

SEARCH = "/spectra/api/v0.1/search"
BOTH = pytest.mark.parametrize("processes", [1, 2])
Server = tuple[str, subprocess.Popen[bytes]]


@contextmanager
def running(lake: Path, log: Path, *options: str, **environment: str) -> Iterator[Server]:
    """Yield address and process of a running server."""
    command = [sys.executable, "-m", "spectraldb", "serve", "--lake", str(lake), "--port", "0"]
    with (
        log.open("w") as out,
        subprocess.Popen(
            [*command, *options], stdout=out, stderr=subprocess.STDOUT, env=os.environ | environment
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while not (match := re.search(r"http://127.0.0.1:\d+", log.read_text())):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            retries = urllib3.Retry(20, backoff_factor=0.2, status_forcelist=[503])
            urllib3.request("GET", f"{match[0]}/ready", retries=retries)
            yield match[0], process
        finally:
            process.terminate()


@BOTH
def test_processes_share_requests_and_counts(lake: Service, tmp_path: Path, processes: int) -> None:
    log = tmp_path / "log"
    options = ["--processes", str(processes)]
    with running(lake.lake.folder, log, *options, SPECTRALDB_LOG="json") as (address, process):
        for _ in range(20):
            # Each on a new connection, so that all processes accept requests.
            urllib3.PoolManager().request("GET", f"{address}{SEARCH}")
        text = urllib3.request("GET", f"{address}/metrics").data.decode()
        assert sample_value(text, "spectraldb_requests_total", path=SEARCH, status="200") == 20
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert sum(line["message"].startswith(f"GET {SEARCH}") for line in lines) == 20
    assert sum("Finished server process" in line["message"] for line in lines) == processes
    assert not [line for line in lines if line["level"] in ("error", "warning")]


@BOTH
def test_response_is_completed_before_the_stop(
    samples: Service, tmp_path: Path, processes: int
) -> None:
    log = tmp_path / "log"
    url = f"{SEARCH}.csv?product=s3d&columns=ra,dec,flux"
    expected = samples.count([("product", "s3d")]).pixels
    with running(samples.lake.folder, log, "--processes", str(processes)) as (address, process):
        response = urllib3.request("GET", address + url, preload_content=False)
        chunks = response.stream(2**16)
        received = [next(chunks)]
        process.send_signal(signal.SIGTERM)
        # A new connection is refused, instead of accepted by a process that is stopping.
        host, port = address.removeprefix("http://").split(":")
        deadline = time.monotonic() + 10
        while accepts(host, int(port)):
            assert time.monotonic() < deadline
        received += chunks
        assert b"".join(received).count(b"\n") == expected + 1
        assert process.wait(30) in (0, -signal.SIGTERM)
    assert "Traceback" not in log.read_text()


def accepts(host: str, port: int) -> bool:
    """Return whether a server listens on this address."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


@pytest.mark.parametrize(
    ("limit", "share"),
    [("60%", "30%"), ("4GB", "2GB"), ("1.5 GB", "0.75 GB"), ("odd", "odd")],
)
def test_memory_is_divided_among_processes(limit: str, share: str) -> None:
    assert divide_memory(limit, 2) == share


def test_connections_send_short_responses_at_once() -> None:
    with (
        open_listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


class _Connections(asyncio.Protocol):
    """Closes each connection at once, and counts them."""

    def __init__(self, accepted: list[asyncio.BaseTransport]) -> None:
        self._accepted = accepted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._accepted.append(transport)
        transport.close()


def test_processes_accept_one_connection_at_a_time() -> None:
    accepted: list[asyncio.BaseTransport] = []
    loop = make_loop()
    with open_listener("127.0.0.1", 0) as listener, ExitStack() as clients:
        listener.settimeout(0)
        server = loop.run_until_complete(
            loop.create_server(lambda: _Connections(accepted), sock=listener, backlog=100)
        )
        for _ in range(5):
            clients.enter_context(socket.create_connection(listener.getsockname()))
        numbers = []
        for _ in range(30):
            loop.call_soon(loop.stop)
            loop.run_forever()
            numbers.append(len(accepted))
        server.close()
        loop.run_until_complete(server.wait_closed())
    loop.close()
    assert numbers[-1] == 5
    assert all(after - before <= 1 for before, after in pairwise(numbers))
