"""Requests are counted by endpoint and status."""

from fastapi.testclient import TestClient

from tests.support.prometheus import sample_value

SEARCH = "/spectra/api/v0.1/search"


def test_metrics_count_by_endpoint(api: TestClient) -> None:
    requests = {
        (SEARCH, "200"): [SEARCH, f"{SEARCH}.csv"],
        (SEARCH, "400"): [f"{SEARCH}?nothing=1"],
        ("other", "404"): ["/nowhere", "/nowhere/else"],
    }
    before = api.get("/metrics").text
    for urls in requests.values():
        for url in urls:
            api.get(url)
    response = api.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    name = "spectraldb_requests_total"
    for (path, status), urls in requests.items():
        counts = [
            sample_value(text, name, path=path, status=status) for text in (before, response.text)
        ]
        assert counts[1] - counts[0] == len(urls)
    assert sample_value(response.text, "spectraldb_request_seconds_count", path=SEARCH) >= 3
    assert "spectraldb_requests_running 1.0" in response.text
    assert "nowhere" not in response.text
