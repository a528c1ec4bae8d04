"""Names of files and targets in any script, in every format."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from astropy.io import fits
from astropy.table import Table
from fastapi.testclient import TestClient

from spectraldb.api.app import create_app
from spectraldb.formats.ascii_text import to_ascii
from spectraldb.formats.registry import ARRAY_FORMATS, FORMATS
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.layouts import LAYOUTS, write_layout
from tests.support.result_tables import TABLE_FORMATS, read_table

API = "/spectra/api/v0.1"
NAMES = ("NGC 7469 αβ_x1d.fits", "星 🔭_x1d.fits", 'étoile "1"_x1d.fits')


@pytest.fixture(scope="module")
def names_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Yield the API of a lake with copies of one product under names in several scripts."""
    folder = tmp_path_factory.mktemp("names")
    product = write_layout(next(x for x in LAYOUTS if x.key == "x1d-mos"), folder)
    for i, name in enumerate(NAMES):
        shutil.copy(product, folder / name)
        with fits.open(folder / name, mode="update") as hdus:
            hdus[0].header["PROGRAM"] = f"{i:05d}"  # other bytes for each
            hdus[0].header["FILENAME"] = "copy"
    product.unlink()
    service = Service(Settings(lake=folder / "lake"), create=True)
    service.ingest([folder])
    yield TestClient(create_app(service))
    service.close()


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_search(names_api: TestClient, name: str) -> None:
    query = "wavelength.gt=0&columns=uri,targetName&limit=1000"
    expected = names_api.get(f"{API}/search?{query}").json()["results"]
    assert {row["fileName"] for row in expected} == set(NAMES)
    rows = read_table(name, names_api.get(f"{API}/search.{name}?{query}").content).to_pylist()
    if name == "fits":
        expected = [
            {k: to_ascii(v) if isinstance(v, str) else v for k, v in row.items()}
            for row in expected
        ]
    assert rows == expected


def test_votable_declares_what_it_needs(names_api: TestClient) -> None:
    content = names_api.get(f"{API}/search.votable?wavelength.gt=0&columns=instrument").content
    assert b'name="fileName" datatype="unicodeChar"' in content
    assert b'name="instrument" datatype="char"' in content
    table = Table.read(io.BytesIO(content), format="votable")
    assert set(table["fileName"]) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_conditions_and_retrievals(names_api: TestClient, name: str) -> None:
    text = quote(name)
    found = names_api.get(f"{API}/search/products?fileName={text}").json()["results"]
    assert [row["fileName"] for row in found] == [name]
    for form in ARRAY_FORMATS:
        response = names_api.get(f"{API}/retrieve.{form}?filename={text}")
        assert response.status_code == 200
        if form != "json":
            stem = name.removesuffix(".fits")
            assert (
                f"filename*=UTF-8''{quote(stem, safe='')}.{form}"
                in (response.headers["content-disposition"])
            )
    response = names_api.get(f"{API}/retrieve/file?filename={text}")
    assert quote(name, safe="") in response.headers["content-disposition"]
    assert len(fits.open(io.BytesIO(response.content))) > 1
    for form in FORMATS:
        assert names_api.get(f"{API}/retrieve/derived.{form}?filename={text}").status_code == 200


def test_target_in_any_script(lake: Service, tmp_path: Path) -> None:
    path = write_layout(next(x for x in LAYOUTS if x.key == "x1d-mos"), tmp_path)
    name = "étoile 星".encode()
    content = path.read_bytes()
    card = content.index(b"TARGPROP")
    new = b"TARGPROP= '" + name + b"'"
    path.write_bytes(content[:card] + new.ljust(80) + content[card + 80 :])
    card = path.read_bytes().find(b"TARGNAME")
    if card >= 0:
        content = path.read_bytes()
        path.write_bytes(content[:card] + b"XXXXNAME" + content[card + 8 :])
    lake.ingest([path])
    assert lake.products()[0]["targetName"] == "étoile 星"
    assert lake.count([("targetName", "Étoile-星")]).products == 1
