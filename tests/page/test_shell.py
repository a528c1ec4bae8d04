"""The frame of the page, which all views share."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_empty_lake_shows_the_command_to_run(empty_site: str, open_page: OpenPage) -> None:
    page = open_page(empty_site)
    expect(page.get_by_role("heading", name="The lake is empty")).to_be_visible()
    expect(page.get_by_text("spectraldb ingest FOLDER").first).to_be_visible()


def test_page_shows_the_contents_of_the_lake(sample_site: str, open_page: OpenPage) -> None:
    page = open_page(sample_site)
    expect(page.locator("#holdings")).to_contain_text("s3d")


@pytest.mark.parametrize("path", ["/", "/product"])
def test_content_security_policy_forbids_other_hosts(api: TestClient, path: str) -> None:
    policy = api.get(path).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy


def test_files_are_revalidated_by_etag(api: TestClient) -> None:
    first = api.get("/page/app.js")
    assert first.headers["cache-control"] == "no-cache"
    again = api.get("/page/app.js", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_plotting_library_is_compressed_if_accepted(api: TestClient) -> None:
    packed = api.get("/page/plotly.min.js", headers={"accept-encoding": "gzip"})
    plain = api.get("/page/plotly.min.js", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
