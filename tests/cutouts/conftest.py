"""Fixtures: a cube, an image and a table, in lakes of generated and of real products."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from spectraldb.service.service import Service
from tests.support.layouts import LAYOUTS
from tests.support.product_files import LAKES

API = "/spectra/api/v0.1"

NAMES = {layout.key: layout.file_name for layout in LAYOUTS}

FILES = {
    "layouts": (NAMES["s3d-wave-tab"], NAMES["s2d-lrs"], NAMES["x1d-mos"]),
    "real": (
        "Level3_ch4-medium_s3d.fits",
        "jw02736-o007_s06355_nirspec_f290lp-g395m_s2d.fits",
        "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d.fits",
    ),
}


@dataclass
class Files:
    """A lake, its API and the file names of three of its products."""

    service: Service
    api: TestClient
    cube: str
    image: str
    table: str

    def path(self, name: str) -> Path:
        return Path(str(self.service.find(file_name=name)["location"]))

    def get(self, kind: str, **parameters: Any) -> dict[str, Any]:
        """Retrieve the cube, the image or the table, and return the JSON response."""
        parameters["filename"] = getattr(self, kind)
        response = self.api.get(f"{API}/retrieve", params=parameters)
        assert response.status_code == 200, response.text
        return dict(response.json())


@pytest.fixture(params=LAKES)
def files(request: pytest.FixtureRequest) -> Files:
    service = request.getfixturevalue(request.param)
    api = request.getfixturevalue(f"{request.param}_api")
    return Files(service, api, *FILES[request.param])
