"""The SQL of searches, with the message, columns and number of rows of their results."""

import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi.testclient import TestClient

from tests.frozen.queries import PAGED, SEARCHES
from tests.frozen.recorded import check

API = "/spectra/api/v0.1/"
_PRODUCT_ID = re.compile(r"(?<![\d.])\d{15,}(?![\d.])")
_LONG_NUMBER = re.compile(r"\d+\.\d{7,}(e-?\d+)?")


def test_queries(api: TestClient) -> None:
    check("queries", {url: _summary(_get(api, url)) for url in SEARCHES})


def test_pages(api: TestClient) -> None:
    found = {}
    for url in PAGED:
        first = _get(api, url)
        second = api.get(first["next"]).json()
        assert second["version"] == first["version"]
        found[url] = [_summary(first), _summary(second)]
    check("pages", found)


def test_version(api: TestClient) -> None:
    """The result of a version equals that of the newest version if nothing has changed."""
    newest = _get(api, "search?flux.gt=0&limit=3")
    assert _get(api, f"search?flux.gt=0&limit=3&version={newest['version']}") == newest


def test_sql_without_a_search(api: TestClient) -> None:
    for url in SEARCHES:
        if url.startswith("search?"):
            query = url.removeprefix("search?")
            assert _get(api, f"search/sql?{query}")["query"] == _get(api, url)["query"]


def test_queries_are_distinct() -> None:
    assert max(Counter((*SEARCHES, *PAGED)).values()) == 1


def _get(api: TestClient, url: str) -> dict[str, Any]:
    response = api.get(API + url)
    answer: dict[str, Any] = response.json()
    assert response.status_code == 200, (url, answer)
    return answer


def _summary(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a response that are the same for every lake of the samples."""
    following = answer.get("next")
    names = sorted(parse_qs(urlsplit(following).query)) if following else None
    recorded = {"query": _same(answer["query"]), "message": answer["message"]}
    if "results" in answer:
        recorded["columns"] = list(answer["column_metadata"])
        recorded["rows"] = len(answer["results"])
        recorded["next"] = names
    return recorded | {name: answer[name] for name in ("pixels", "products") if name in answer}


def _same(sql: str) -> str:
    """Return SQL without lake-specific values, and without digits that depend on the processor."""
    sql = _PRODUCT_ID.sub("<productId>", sql)
    return _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.6g}", sql)
