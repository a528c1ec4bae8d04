"""Each request has an ID and a line in the log, and is counted."""

import json
import logging
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.api.logs import JsonFormatter, TextFormatter
from spectraldb.api.middleware.request_log import RequestLogMiddleware
from tests.support.asgi import run_async, status_of

SEARCH = "/spectra/api/v0.1/search"


def test_request_id_of_the_client_is_used(api: TestClient) -> None:
    for path in ("/health", f"{SEARCH}?nothing=1"):
        response = api.get(path, headers={"x-request-id": "mine-1.a:2"})
        assert response.headers["x-request-id"] == "mine-1.a:2"


@pytest.mark.parametrize("sent", [None, "a b", "x" * 65, 'a"'])
def test_request_id_is_generated(api: TestClient, sent: str | None) -> None:
    headers = {"x-request-id": sent} if sent else {}
    ids = [api.get("/health", headers=headers).headers["x-request-id"] for _ in range(2)]
    assert len(set(ids)) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


def test_request_is_logged(api: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "spectraldb.requests"):
        api.get(f"{SEARCH}?wavelength=1,2", headers={"x-request-id": "abc"})
    (record,) = [r for r in caplog.records if r.name == "spectraldb.requests"]
    line = json.loads(JsonFormatter().format(record))
    expected = {
        "request": "abc",
        "method": "GET",
        "path": SEARCH,
        "query": "wavelength=1,2",
        "status": 200,
        "level": "info",
    }
    assert line.items() >= expected.items()
    assert line["bytes"] > 0
    assert line["ms"] > 0
    text = TextFormatter().format(record)
    assert re.search(rf"GET {SEARCH}\?wavelength=1,2 200 \d+ bytes [\d.]+ ms abc$", text)


def test_incomplete_response_is_logged_as_499(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})

    async def request() -> None:
        assert await status_of(RequestLogMiddleware(broken, frozenset()), "/x") == 200

    with caplog.at_level(logging.INFO, "spectraldb.requests"):
        run_async(request)
    assert caplog.messages == ["GET /x 499"]
