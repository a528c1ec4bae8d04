"""What whoever runs a server needs: state, metrics, logs, limits, processes, a clean stop."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
import urllib3
from fastapi.testclient import TestClient
from pydantic import ValidationError

from spectraldb.api.app import create_app
from spectraldb.api.logs import JsonFormatter, TextFormatter
from spectraldb.api.middleware import rate_limit
from spectraldb.api.middleware.rate_limit import RateLimitMiddleware
from spectraldb.api.middleware.request_log import RequestLogMiddleware
from spectraldb.api.server import divide_memory
from spectraldb.errors import LakeError
from spectraldb.service.service import Service
from spectraldb.settings import Settings

SEARCH = "/spectra/api/v0.1/search"


def client(lake: Service, **settings: Any) -> TestClient:
    lake.settings = lake.settings.model_copy(update=settings)
    return TestClient(create_app(lake))


def test_health_and_readiness(api: TestClient) -> None:
    assert api.get("/health").json() == {"status": 1, "message": "alive"}
    assert re.fullmatch(r"ready, with version \d+ of the lake", api.get("/ready").json()["message"])


def test_a_lake_that_cannot_be_read_is_not_ready(
    lake: Service, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise LakeError("the disk is gone")

    monkeypatch.setattr(lake.lake, "snapshot", fail)
    response = api.get("/ready")
    assert response.status_code == 503
    assert "disk" not in response.text
    assert api.get("/health").status_code == 200


def sample(text: str, name: str, **labels: str) -> float:
    told = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    line = f"{name}{{{told}}} "
    found = (each for each in text.splitlines() if each.startswith(line))
    return next((float(each[len(line) :]) for each in found), 0.0)


def test_metrics_count_by_endpoint(api: TestClient) -> None:
    asked = {
        (SEARCH, "200"): [SEARCH, f"{SEARCH}.csv"],
        (SEARCH, "400"): [f"{SEARCH}?nothing=1"],
        ("other", "404"): ["/nowhere", "/nowhere/else"],
    }
    before = api.get("/metrics").text
    for urls in asked.values():
        for url in urls:
            api.get(url)
    response = api.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    for (path, status), urls in asked.items():
        name = "spectraldb_requests_total"
        counts = [sample(t, name, path=path, status=status) for t in (before, response.text)]
        assert counts[1] - counts[0] == len(urls)
    assert sample(response.text, "spectraldb_request_seconds_count", path=SEARCH) >= 3
    assert "spectraldb_requests_running 1.0" in response.text
    assert "nowhere" not in response.text


def test_ids_of_requests(api: TestClient) -> None:
    assert (
        api.get("/health", headers={"x-request-id": "mine-1.a:2"}).headers["x-request-id"]
        == "mine-1.a:2"
    )
    made = [api.get("/health").headers["x-request-id"] for _ in range(2)]
    assert len(set(made)) == 2
    for bad in ("a b", "x" * 65, 'a"'):
        answer = api.get("/health", headers={"x-request-id": bad})
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert (
        api.get(f"{SEARCH}?nothing=1", headers={"x-request-id": "e"}).headers["x-request-id"] == "e"
    )


def test_each_request_is_a_line_of_the_log(
    api: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "spectraldb.requests"):
        api.get(f"{SEARCH}?wavelength=1,2", headers={"x-request-id": "abc"})
    (record,) = [r for r in caplog.records if r.name == "spectraldb.requests"]
    line = json.loads(JsonFormatter().format(record))
    assert (
        line.items()
        >= {
            "request": "abc",
            "method": "GET",
            "path": SEARCH,
            "query": "wavelength=1,2",
            "status": 200,
            "level": "info",
        }.items()
    )
    assert line["bytes"] > 0
    assert line["ms"] > 0
    text = TextFormatter().format(record)
    assert re.search(rf"GET {SEARCH}\?wavelength=1,2 200 \d+ bytes [\d.]+ ms abc$", text)


def test_other_lines_of_the_log() -> None:
    try:
        float("of no use")
    except ValueError:
        record = logging.LogRecord("spectraldb", 40, "", 0, "it %s", ("failed",), sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["message"]) == ("error", "it failed")
    assert "ValueError: could not convert" in line["traceback"]
    text = TextFormatter().format(record)
    assert "error: it failed" in text
    assert "ValueError: could not convert" in text


# Limits


def test_requests_of_a_client(lake: Service) -> None:
    with client(lake, max_per_minute=3) as api:
        codes = [api.get(SEARCH).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        refused = api.get(SEARCH)
        assert refused.json()["message"].startswith("more than 3 requests a minute; ask again in")
        assert 0 < int(refused.headers["retry-after"]) <= 20
        assert refused.headers["x-request-id"]
        assert {api.get(path).status_code for path in ("/health", "/ready", "/metrics")} == {200}


def test_time_gives_requests_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    limits = RateLimitMiddleware(None, 60)  # type: ignore[arg-type]
    assert [limits._retry_after("a", 60) for _ in range(61)] == [0] * 60 + [1]
    assert limits._retry_after("b", 60) == 0
    now[0] += 2
    assert [limits._retry_after("a", 60) for _ in range(3)] == [0, 0, 1]
    now[0] += 3600
    assert [limits._retry_after("a", 60) for _ in range(61)] == [0] * 60 + [1]


def test_silent_clients_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MAX_CLIENTS", 3)
    limits = RateLimitMiddleware(None, 1)  # type: ignore[arg-type]
    for name in "abcad":
        limits._retry_after(name, 1)
    assert set(limits._buckets) == {"c", "a", "d"}


def test_requests_at_the_same_time(lake: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with client(lake, max_running=1) as api:
        answers = []

        def nested(*_: object) -> Any:
            answers.extend([api.get(SEARCH), api.get("/health")])
            raise LakeError("of no use")

        monkeypatch.setattr(lake, "search", nested)
        api.get(SEARCH)
        assert [answer.status_code for answer in answers] == [503, 200]
        assert "1 requests are being answered, the most here" in answers[0].json()["message"]
        assert answers[0].headers["retry-after"] == "1"
        monkeypatch.undo()
        assert api.get(SEARCH).status_code == 200


# Processes


@contextmanager
def server(lake: Path, log: Path, *words: str, **environment: str) -> Iterator[tuple[str, Any]]:
    """Give the address of a server in processes of its own."""
    command = [sys.executable, "-m", "spectraldb", "serve", "--lake", str(lake), "--port", "0"]
    with (
        log.open("w") as out,
        subprocess.Popen(
            [*command, *words], stdout=out, stderr=subprocess.STDOUT, env=os.environ | environment
        ) as process,
    ):
        try:
            ends = time.monotonic() + 60
            while not (match := re.search(r"http://127.0.0.1:\d+", log.read_text())):
                assert time.monotonic() < ends
                time.sleep(0.05)
            retries = urllib3.Retry(20, backoff_factor=0.2, status_forcelist=[503])
            urllib3.request("GET", f"{match[0]}/ready", retries=retries)
            yield match[0], process
        finally:
            process.terminate()


@pytest.mark.parametrize("processes", [1, 2])
def test_processes(lake: Service, tmp_path: Path, processes: int) -> None:
    log = tmp_path / "log"
    place = lake.lake.folder
    words = ["--processes", str(processes)]
    with server(place, log, *words, SPECTRALDB_LOG="json") as (address, process):
        for _ in range(20):
            # Each on a connection of its own, so that all processes come to answer.
            urllib3.PoolManager().request("GET", f"{address}{SEARCH}")
        text = urllib3.request("GET", f"{address}/metrics").data.decode()
        assert sample(text, "spectraldb_requests_total", path=SEARCH, status="200") == 20
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert sum(line["message"].startswith(f"GET {SEARCH}") for line in lines) == 20
    assert sum("Finished server process" in line["message"] for line in lines) == processes
    assert not [line for line in lines if line["level"] in ("error", "warning")]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_being_sent_is_finished_before_the_stop(
    real: Service, tmp_path: Path, processes: int
) -> None:
    log = tmp_path / "log"
    url = f"{SEARCH}.csv?product=s3d&columns=ra,dec,flux"
    expected = real.count([("product", "s3d")]).pixels
    words = ["--processes", str(processes)]
    with server(real.lake.folder, log, *words) as (address, process):
        response = urllib3.request("GET", address + url, preload_content=False)
        stream = response.stream(2**16)
        pieces = [next(stream)]
        process.send_signal(signal.SIGTERM)
        # A new request is refused, and not taken by a process that is about to end.
        host, port = address.removeprefix("http://").split(":")
        ends = time.monotonic() + 10
        while not refuses(host, int(port)):
            assert time.monotonic() < ends
        pieces += stream
        assert b"".join(pieces).count(b"\n") == expected + 1
        process.wait(30)
    assert "Finished server process" in log.read_text()


def refuses(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) != 0


def in_a_loop(run: Callable[[], Awaitable[None]]) -> None:
    """Run something in an event loop of its own thread: the main one may have the browser's."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, run).result()


async def status_of(app: Any, path: str) -> int:
    """Ask an application, and return the status that it begins its answer with."""
    told: list[int] = []

    async def send(message: Any) -> None:
        told.extend([message["status"]] if "status" in message else [])

    async def receive() -> Any:
        await anyio.sleep(60)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return told[0]


def test_memory_is_shared_by_processes() -> None:
    assert [divide_memory(limit, 2) for limit in ("60%", "4GB", "1.5 GB", "odd")] == [
        "30%",
        "2GB",
        "0.75 GB",
        "odd",
    ]


def test_states_are_told_while_all_threads_wait(
    lake: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def wait(*_: object) -> None:
        done.wait(20)
        raise LakeError("of no use")

    app = create_app(lake)

    async def ask() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(60):
                tasks.start_soon(status_of, app, SEARCH)
            await anyio.sleep(0.1)
            states = [await status_of(app, path) for path in ("/health", "/ready", "/metrics")]
            assert states == [200] * 3
            assert not done.is_set()
            done.set()

    monkeypatch.setattr(lake, "search", wait)
    in_a_loop(ask)


def test_when_to_ask_again(lake: Service, api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LakeError("the disk is gone")

    monkeypatch.setattr(lake, "search", fail)
    assert api.get(SEARCH).headers["retry-after"] == "5"


def test_an_answer_that_breaks_off_is_told_as_such(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})

    async def ask() -> None:
        assert await status_of(RequestLogMiddleware(broken, frozenset()), "/x") == 200

    with caplog.at_level(logging.INFO, "spectraldb.requests"):
        in_a_loop(ask)
    assert caplog.messages == ["GET /x 499"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("lake", "S3://bucket/lake", "a bucket is written as s3://bucket/folder"),
        ("lake", "s3:/bucket/lake", "a bucket is written as s3://bucket/folder"),
        ("public_url", "example.org", "should match pattern"),
    ],
)
def test_settings_that_would_be_taken_for_others(name: str, value: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Settings.model_validate({name: value})


def test_settings_that_are_none(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "spectraldb", "serve", "--lake", str(tmp_path / "lake")]
    environment = os.environ | {"SPECTRALDB_LOG": "xml"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "log: Input should be 'text' or 'json'" in " ".join(done.stderr.split())


def test_settings_of_the_defaults() -> None:
    settings = Settings()
    assert (settings.processes, settings.log, settings.max_running) == (1, "text", None)
