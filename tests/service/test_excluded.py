"""Every interface says which products the units of conditions exclude, and how many."""

import io
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.table import Table
from fastapi.testclient import TestClient

from spectraldb import ExcludedProductsWarning, SpectralDB
from spectraldb.api.app import create_app
from spectraldb.client import Search
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.command_line import run
from tests.support.server import served

API = "/spectra/api/v0.1"
NOTE = "flux in mJy excludes 1 product without a unit of flux."
CONDITIONS = {"product": "x1d", "flux.gte": "3e-3 mJy", "targetName": "STAR"}
HEADER = "x-spectraldb-excluded"


def _write(path: Path, unit: str | None, target: str) -> None:
    """Write an extracted spectrum whose flux has a unit, or none."""
    wavelength = np.linspace(1, 2, 50)
    names = ("WAVELENGTH", "FLUX", "FLUX_ERROR", "DQ")
    arrays = (wavelength, wavelength * 1e-5, np.full(50, 1e-6), np.zeros(50, "i4"))
    table = fits.BinTableHDU(Table(dict(zip(names, arrays, strict=True))), name="EXTRACT1D")
    table.columns["WAVELENGTH"].unit = "um"
    table.columns["FLUX"].unit = unit
    primary = fits.PrimaryHDU()
    cards = {"TELESCOP": "JWST", "INSTRUME": "NIRSPEC", "EXP_TYPE": "NRS_FIXEDSLIT"}
    primary.header.update(cards | {"DATAMODL": "MultiSpecModel", "TARGNAME": target})
    fits.HDUList([primary, table]).writeto(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a lake with a product without a unit of flux, which has the target of another."""
    folder = tmp_path_factory.mktemp("excluded")
    _write(folder / "jw01_s01_nirspec_x1d.fits", "Jy", "STAR")
    _write(folder / "jw01_s02_nirspec_x1d.fits", None, "STAR")
    _write(folder / "jw01_s03_nirspec_x1d.fits", None, "OTHER")
    service = Service(Settings(lake=folder / "lake"), create=True)
    summary = service.ingest([folder])
    assert summary.refused == []
    service.close()
    return folder / "lake"


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    service = Service(Settings(lake=folder))
    yield service
    service.close()


@pytest.fixture(scope="module")
def api(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service)) as client:
        yield client


@pytest.fixture(params=["local", "remote"])
def db(request: pytest.FixtureRequest, service: Service, folder: Path) -> Iterator[SpectralDB]:
    """Give a client in this process, and one of a server."""
    if request.param == "local":
        with SpectralDB(folder, progress=False) as client:
            yield client
        return
    with served(service) as address, SpectralDB(address, progress=False) as client:
        yield client


@pytest.mark.parametrize("path", ["search", "search/count", "search/sql", "search/products"])
def test_json(api: TestClient, path: str) -> None:
    query, note = CONDITIONS, NOTE
    if path == "search/products":
        query = {"product": "x1d", "targetName": "STAR", "fluxMax.gte": "3e-3 mJy"}
        note = "fluxMax in mJy excludes 1 product without a unit of fluxMax."
    response = api.get(f"{API}/{path}", params=query)
    assert response.json()["message"].endswith(f". {note}")
    assert response.headers[HEADER] == note
    without_unit = {name: value.removesuffix(" mJy") for name, value in query.items()}
    response = api.get(f"{API}/{path}", params=without_unit)
    assert "excludes" not in response.json()["message"]
    assert HEADER not in response.headers


def test_group(api: TestClient) -> None:
    response = api.get(f"{API}/search", params=CONDITIONS | {"group": "true"})
    assert response.json()["message"] == f"Found 1 product. {NOTE}"


def test_other_product_types_are_not_counted(api: TestClient) -> None:
    response = api.get(f"{API}/search/count", params=CONDITIONS | {"product": "c1d"})
    assert response.json()["message"] == "0 pixels of 0 products match."


@pytest.mark.parametrize("form", ["csv", "arrow", "parquet", "votable", "fits"])
def test_formats(api: TestClient, form: str) -> None:
    response = api.get(f"{API}/search.{form}", params=CONDITIONS)
    assert response.headers[HEADER] == NOTE
    read: dict[str, Callable[[bytes], str]] = {
        "csv": lambda _: NOTE,
        "arrow": lambda data: _of_schema(_arrow_metadata(data)),
        "parquet": lambda data: _of_schema(pq.read_schema(io.BytesIO(data)).metadata),
        "votable": _of_votable,
        "fits": lambda data: str(fits.open(io.BytesIO(data))[1].header["COMMENT"]),
    }
    assert read[form](response.content) == NOTE


def _arrow_metadata(data: bytes) -> dict[bytes, bytes]:
    """Return the metadata of the schema of an Arrow stream."""
    return dict(pa.ipc.open_stream(data).schema.metadata)


def _of_schema(metadata: dict[bytes, bytes]) -> str:
    return metadata[b"spectraldb.excluded"].decode()


def _of_votable(data: bytes) -> str:
    infos = ET.fromstring(data).iter("{http://www.ivoa.net/xml/VOTable/v1.3}INFO")
    return next(info.attrib["value"] for info in infos if info.attrib["name"] == "excluded")


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_command_line(folder: Path, form: str) -> None:
    conditions = [f"{name}={value}" for name, value in CONDITIONS.items()]
    result = run(folder, "search", *conditions, "--format", form)
    assert result.stderr == f"{NOTE}\n"
    conditions = ["product=x1d", "targetName=STAR", "fluxMax.gt=3e-3 mJy"]
    result = run(folder, "products", *conditions, "--format", form)
    assert "excludes 1 product without a unit of fluxMax." in result.stderr


@pytest.mark.parametrize(
    "results",
    [Search.count, Search.to_arrow, Search.to_qtable, Search.to_pandas, list, Search.products],
    ids=lambda f: f.__name__,
)
def test_client_warns(db: SpectralDB, results: Callable[[Search], object]) -> None:
    search = db.search(**{name.replace(".", "__"): value for name, value in CONDITIONS.items()})
    with pytest.warns(ExcludedProductsWarning) as caught:
        results(search)
    assert {str(warning.message) for warning in caught} == {NOTE}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results(db.search(product="x1d", flux__gte=3e-6))


def test_results_have_the_note(db: SpectralDB) -> None:
    search = db.search(**{name.replace(".", "__"): value for name, value in CONDITIONS.items()})
    assert search.excluded == NOTE
    with pytest.warns(ExcludedProductsWarning):
        assert search.to_table().meta["excluded"] == NOTE
    with pytest.warns(ExcludedProductsWarning):
        assert search.to_pandas().attrs["excluded"] == NOTE
    assert db.search(product="x1d").excluded == ""
