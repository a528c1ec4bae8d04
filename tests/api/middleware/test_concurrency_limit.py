"""Requests are refused while too many others are running."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.errors import LakeError
from spectraldb.service.service import Service

SEARCH = "/spectra/api/v0.1/search"


def test_requests_at_the_same_time(lake: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.settings = lake.settings.model_copy(update={"max_running": 1})
    with TestClient(create_app(lake)) as api:
        responses = []

        def nested(*_: object) -> Any:
            responses.extend([api.get(SEARCH), api.get("/health")])
            raise LakeError("for this test")

        monkeypatch.setattr(lake, "search", nested)
        api.get(SEARCH)
        assert [response.status_code for response in responses] == [503, 200]
        message = responses[0].json()["message"]
        assert message == "The server is busy. Try again in a few seconds."
        assert responses[0].headers["retry-after"] == "1"
        monkeypatch.undo()
        assert api.get(SEARCH).status_code == 200
