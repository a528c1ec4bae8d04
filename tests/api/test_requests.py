"""The URL of the following page."""

import pytest
from starlette.requests import Request

from spectraldb.api.requests import next_page_url

PATH = "/spectra/api/v0.1/search"


def request(query: str) -> Request:
    scope = {
        "type": "http",
        "scheme": "http",
        "server": ("host", 8000),
        "path": PATH,
        "query_string": query.encode(),
        "headers": [],
    }
    return Request(scope)


@pytest.mark.parametrize(
    ("public_url", "base"),
    [
        ("", "http://host:8000"),
        ("https://example.org/jwst", "https://example.org/jwst"),
        ("https://example.org/jwst/", "https://example.org/jwst"),
    ],
)
def test_token_replaces_that_of_this_page(public_url: str, base: str) -> None:
    this_page = request("wavelength=1,2&after=first&version=3&limit=5")
    following = next_page_url(this_page, "second", public_url)
    assert following == f"{base}{PATH}?wavelength=1%2C2&limit=5&after=second"


@pytest.mark.parametrize("token", [None, ""])
def test_last_page_has_no_next_page(token: str | None) -> None:
    assert next_page_url(request("limit=5"), token, "") is None
