"""Health and readiness of the server."""

import re
import threading

import anyio
import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.errors import LakeError
from spectraldb.service.service import Service
from tests.support.asgi import run_async, status_of

SEARCH = "/spectra/api/v0.1/search"


def test_health_and_readiness(api: TestClient) -> None:
    assert api.get("/health").json() == {"status": 1, "message": "The server is alive."}
    message = api.get("/ready").json()["message"]
    assert re.fullmatch(r"The server is ready, with version \d+ of the lake\.", message)


def test_lake_that_cannot_be_read_is_not_ready(
    lake: Service, api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise LakeError("The disk is not available.")

    monkeypatch.setattr(lake.lake, "snapshot", fail)
    response = api.get("/ready")
    assert response.status_code == 503
    assert "disk" not in response.text
    assert api.get("/health").status_code == 200


def test_operations_respond_while_all_threads_wait(
    lake: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def wait(*_: object) -> None:
        done.wait(20)
        raise LakeError("for this test")

    app = create_app(lake)

    async def requests() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(60):
                tasks.start_soon(status_of, app, SEARCH)
            await anyio.sleep(0.1)
            statuses = [await status_of(app, path) for path in ("/health", "/ready", "/metrics")]
            assert statuses == [200] * 3
            assert not done.is_set()
            done.set()

    monkeypatch.setattr(lake, "search", wait)
    run_async(requests)
