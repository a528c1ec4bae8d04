"""HEAD responds like GET, but without computing a body."""

import pytest
from fastapi.testclient import TestClient

from spectraldb.service.streams import ResultStream

CUBE = "jw99003-o001_t001_miri_ch1-short_s3d.fits"


@pytest.mark.parametrize(
    "path",
    [
        "search?limit=3",
        "search.csv",
        "search.parquet?product=all",
        "search/products",
        "search/products.fits",
        "search/count",
        "search/columns",
        "search?derSNR=1",
        "nothing",
        f"retrieve?filename={CUBE}",
        "retrieve?filename=none.fits",
        f"retrieve/derived?filename={CUBE}",
    ],
)
def test_head_is_get_without_a_body(
    samples_api: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    request_id = {"x-request-id": "same"}
    whole = samples_api.get(f"/spectra/api/v0.1/{path}", headers=request_id)
    monkeypatch.setattr(ResultStream, "batches", None)  # a stream is not computed
    monkeypatch.setattr("spectraldb.api.responses.close_after", lambda *_: None)
    head = samples_api.head(f"/spectra/api/v0.1/{path}", headers=request_id)
    assert (head.status_code, head.headers) == (whole.status_code, whole.headers)
    assert head.content == b""


@pytest.mark.parametrize("path", ["/spectra/docs", "/spectra/openapi.json"])
def test_head_of_pages(api: TestClient, path: str) -> None:
    assert api.head(path).status_code == 200
