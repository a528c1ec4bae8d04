"""The application serves its documentation and the page."""

import re

from fastapi.testclient import TestClient


def test_documentation_needs_no_other_host(api: TestClient) -> None:
    page = api.get("/spectra/docs")
    assert page.status_code == 200
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in links:
        assert link.startswith("/"), link
        assert api.get(link).status_code == 200
    assert "url: '/spectra/openapi.json'" in page.text


def test_root_is_the_page(api: TestClient) -> None:
    page = api.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="spectra/docs"' in page.text


def test_both_prefixes_have_the_same_routes(api: TestClient) -> None:
    bodies = [api.get(f"/{name}/api/v0.1/holdings").json() for name in ("spectra", "viz")]
    assert bodies[0] == bodies[1]
    assert bodies[0]["status"] == 1
