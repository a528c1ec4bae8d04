"""Headers of responses; streams close their files."""

from email.message import Message
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.api import responses
from spectraldb.api.responses import attachment, close_after, coalesced
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


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("jw01128_x1d.fits", "jw01128_x1d.fits"),
        ("NGC 7469 αβ 星.fits", "NGC 7469 av Xing.fits"),
        ('a"b\\c%41.fits', "a_b_c_41.fits"),
        ("line\r\nSet-Cookie: a=b.fits", "line__Set-Cookie: a=b.fits"),
        ("étoile.fits", "etoile.fits"),
    ],
)
def test_file_name_in_a_header(name: str, plain: str) -> None:
    header = attachment(name)["content-disposition"]
    header.encode("latin-1")
    assert not set(header) & {"\r", "\n"}
    message = Message()
    message["content-disposition"] = header.split("; filename*")[0]
    assert message.get_filename() == plain
    extended = header.partition("filename*=UTF-8''")[2]
    assert unquote(extended) == ("" if plain == name else name)


@given(st.lists(st.binary(max_size=9)), st.integers(1, 20))
def test_chunks_are_joined_to_a_size(chunks: list[bytes], size: int) -> None:
    joined = list(coalesced(chunks, size))
    assert b"".join(joined) == b"".join(chunks)
    assert all(size <= len(chunk) < size + 9 for chunk in joined[:-1])
