"""The public URL, with which links to other pages begin."""

from pathlib import Path

from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.service.service import Service
from tests.support.layouts import LAYOUTS, write_layout

API = "/spectra/api/v0.1"
LAYOUT = next(layout for layout in LAYOUTS if layout.key == "x1d-mos")


def test_next_begins_with_the_public_address(lake: Service, tmp_path: Path) -> None:
    settings = lake.settings.model_copy(update={"public_url": "https://example.org/jwst/"})
    lake.ingest([write_layout(LAYOUT, tmp_path)])
    service = Service(settings)
    with TestClient(create_app(service)) as client:
        following = client.get(f"{API}/search?limit=2&targetName=a,b%20c").json()["next"]
        assert following is None
        following = client.get(f"{API}/search?limit=2").json()["next"]
    assert following.startswith(f"https://example.org/jwst{API}/search?limit=2&after=")
    service.close()
