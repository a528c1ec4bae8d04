"""Clients that send too many requests per minute are refused."""

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.api.middleware import rate_limit
from spectraldb.api.middleware.exempt import EXEMPT_PATHS
from spectraldb.api.middleware.rate_limit import RateLimitMiddleware
from spectraldb.service.service import Service

SEARCH = "/spectra/api/v0.1/search"


def limiter(per_minute: int | None) -> Any:
    """Return the middleware without an application."""
    return RateLimitMiddleware(None, per_minute)  # type: ignore[arg-type]


def test_requests_of_a_client(lake: Service) -> None:
    lake.settings = lake.settings.model_copy(update={"max_per_minute": 3})
    with TestClient(create_app(lake)) as api:
        assert [api.get(SEARCH).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = api.get(SEARCH)
        assert refused.json()["message"].startswith("More than 3 requests per minute. Try again in")
        assert 0 < int(refused.headers["retry-after"]) <= 20
        assert refused.headers["x-request-id"]
        assert {api.get(path).status_code for path in EXEMPT_PATHS} == {200}


def test_bucket_refills_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    limits = limiter(60)
    assert [limits._retry_after("a", 60) for _ in range(61)] == [0] * 60 + [1]
    assert limits._retry_after("b", 60) == 0
    now[0] += 2
    assert [limits._retry_after("a", 60) for _ in range(3)] == [0, 0, 1]
    now[0] += 3600
    assert [limits._retry_after("a", 60) for _ in range(61)] == [0] * 60 + [1]


def test_inactive_clients_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "MAX_CLIENTS", 3)
    limits = limiter(1)
    for name in "abcad":
        limits._retry_after(name, 1)
    assert set(limits._buckets) == {"c", "a", "d"}
