"""Streams close their files."""

import pytest
from fastapi.testclient import TestClient

from spectraldb.api import responses
from spectraldb.api.responses import close_after
from spectraldb.formats.json import arrays_json
from spectraldb.service.service import Service

CUBE = "jw99003-o001_t001_miri_ch1-short_s3d.fits"


def test_stream_that_is_not_read_to_its_end_closes_the_file(samples: Service) -> None:
    retrieved = samples.retrieve(file_name=CUBE)
    chunks = close_after(retrieved, arrays_json(retrieved.answer))
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert retrieved.product.file._file.closed


def test_streamed_json_is_the_same(
    samples_api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/spectra/api/v0.1/retrieve?filename={CUBE}&x=3,4"
    whole = samples_api.get(url)
    monkeypatch.setattr(responses, "MAX_UNSTREAMED", 0)
    streamed = samples_api.get(url)
    assert "content-length" in whole.headers
    assert "content-length" not in streamed.headers
    assert streamed.content == whole.content
