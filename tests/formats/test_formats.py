"""Every format holds the same answer, whole, with units and descriptions where there is a place."""

import io
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse_single_table, validate
from astropy.table import Table as AstropyTable
from fastapi.testclient import TestClient

from spectraldb.formats.registry import FORMATS, choose
from spectraldb.query.conditions import PARAMETERS
from spectraldb.service.service import Service
from tests.conftest import all_pages

API = "/spectra/api/v0.1"
CONDITIONS = "product=all&wavelength=3,15&flux.gt=0"
COLUMNS = "columns=uri,spectrum,good,dq,fluxErr,targetName,surfBright"


def read(name: str, content: bytes) -> pa.Table:
    if name == "csv":
        options = pa_csv.ConvertOptions(strings_can_be_null=True)
        return pa_csv.read_csv(pa.BufferReader(content), convert_options=options)
    if name == "arrow":
        return pa.ipc.open_stream(content).read_all()
    if name == "parquet":
        return pq.read_table(pa.BufferReader(content))
    return rows_of(AstropyTable.read(io.BytesIO(content), format=name))


def rows_of(table: AstropyTable) -> pa.Table:
    """Return a table that astropy read, what is missing as null."""
    columns = {}
    for name in table.colnames:
        values, masked = table[name], np.zeros(len(table), bool)
        if hasattr(values, "mask"):
            masked = np.asarray(values.mask)
        plain = [None if m else v for v, m in zip(np.asarray(values).tolist(), masked, strict=True)]
        columns[name] = [v.decode() if isinstance(v, bytes) else v for v in plain]
        columns[name] = [
            None if v == "" or (isinstance(v, float) and math.isnan(v)) else v
            for v in columns[name]
        ]
    return pa.table(columns)


def test_every_format_is_told_of() -> None:
    assert all(name in PARAMETERS["format"] for name in FORMATS)


STREAMED = [each.name for each in FORMATS.values() if each.table is not None]


@pytest.mark.parametrize("name", STREAMED)
def test_every_format_holds_the_answer_of_all_pages(
    real_api: TestClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spectraldb.service.search.PART_PIXELS", 3_000)  # many parts, many batches
    query = CONDITIONS.replace("3,15", "3,3.4") + "&" + COLUMNS
    expected = all_pages(real_api, f"{API}/search?{query}&limit=20000")
    response = real_api.get(f"{API}/search.{name}?{query}")
    assert response.headers["content-type"].startswith(FORMATS[name].media_type)
    table = read(name, response.content)
    assert table.column_names == list(expected[0])
    assert table.num_rows == len(expected) > 2000
    for got, row in zip(table.to_pylist(), expected, strict=True):
        assert got == row


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_units_and_descriptions_are_inside(real_api: TestClient, name: str) -> None:
    content = real_api.get(f"{API}/search.{name}?limit=3&columns=flux,ra").content
    schema = read(name, content).schema
    assert schema.field("wavelength").metadata[b"unit"] == b"um"
    assert schema.field("wavelength").metadata[b"ucd"] == b"em.wl"
    assert schema.field("flux").metadata[b"unit"] == b"Jy"  # all x1d here are in Jy
    assert schema.field("ra").metadata[b"description"]
    assert schema.metadata[b"spectraldb.query"].startswith(b"SELECT ")
    mixed = real_api.get(f"{API}/search.{name}?limit=3&columns=flux&product=all").content
    assert b"unit" not in (read(name, mixed).schema.field("flux").metadata or {})


def test_fits_and_votable_are_sound(real_api: TestClient) -> None:
    query = f"{CONDITIONS}&{COLUMNS},ra&limit=500"
    content = real_api.get(f"{API}/search.fits?{query}").content
    assert len(content) % 2880 == 0
    with fits.open(io.BytesIO(content)) as hdus:
        hdus.verify("exception")
        header = hdus["PIXELS"].header
        number = {header[f"TTYPE{i}"]: i for i in range(1, header["TFIELDS"] + 1)}
        assert header[f"TUNIT{number['wavelength']}"] == "um"
        assert header[f"TUCD{number['wavelength']}"] == "em.wl"
        assert len(hdus["PIXELS"].data) == 500
    content = real_api.get(f"{API}/search.votable?{query}").content
    report = io.StringIO()
    assert validate(io.BytesIO(content), output=report), report.getvalue()
    fields = {field.name: field for field in parse_single_table(io.BytesIO(content)).fields}
    assert str(fields["wavelength"].unit) == "um"
    assert fields["ra"].ucd == "pos.eq.ra;meta.main"
    assert fields["ra"].description


@pytest.mark.parametrize("name", STREAMED)
def test_empty_answer(real_api: TestClient, name: str) -> None:
    table = read(name, real_api.get(f"{API}/search.{name}?wavelength=1e6,2e6").content)
    assert table.num_rows == 0
    assert table.column_names == ["fileName", "x", "y", "wavelength"]


@pytest.mark.parametrize("name", STREAMED)
@pytest.mark.parametrize("extra", ["&limit=5", "&sort_by=-flux&limit=7", "&group=True"])
def test_limits_orders_and_groups(real_api: TestClient, name: str, extra: str) -> None:
    query = CONDITIONS + extra
    expected = real_api.get(f"{API}/search?{query}").json()["results"]
    content = real_api.get(f"{API}/search.{name}?{query}").content
    assert read(name, content).to_pylist() == expected


def test_answer_that_is_left_ends_its_query(real: Service) -> None:
    answer = real.stream([("product", "all")])
    batches = answer.batches()
    assert next(batches).num_rows > 0
    batches.close()  # type: ignore[attr-defined]


def test_earlier_version_is_whole(
    lake: Service, api: TestClient, real_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts and units are those of the version asked for, not of what has come since."""
    monkeypatch.setattr("spectraldb.service.search.PART_PIXELS", 1)
    paths = sorted(real_folder.glob("*_x1d.fits"))[:3]
    lake.ingest(paths)
    query = "flux.gt=1 mJy&columns=flux,uri"
    before = all_pages(api, f"{API}/search?{query}")
    version = api.get(f"{API}/search?limit=1").json()["version"]
    lake.remove([path.name for path in paths])
    assert all_pages(api, f"{API}/search?{query}") == []
    assert all_pages(api, f"{API}/search?{query}&version={version}") == before
    content = api.get(f"{API}/search.arrow?{query}&version={version}").content
    assert read("arrow", content).to_pylist() == before != []


@pytest.mark.parametrize(
    ("ending", "asked", "accept", "name"),
    [
        (None, None, None, "json"),
        (None, None, "*/*", "json"),
        (None, "csv", None, "csv"),
        ("arrow", None, "text/csv", "arrow"),
        (None, None, "text/html,application/json;q=0.5,text/csv;q=0.9", "csv"),
        (None, None, "application/vnd.apache.parquet", "parquet"),
        (None, None, "text/csv;q=0", "json"),
        ("CSV", "csv", None, "csv"),
    ],
)
def test_choice_of_format(
    ending: str | None, asked: str | None, accept: str | None, name: str
) -> None:
    assert choose(FORMATS, ending, asked, accept).name == name


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("search.xls", "there is no 'xls'; there are json, csv, arrow, votable, fits, parquet"),
        ("search?format=xls", "there is no 'xls'"),
        ("search.csv?format=arrow", "the ending says csv, format says arrow"),
        ("search.csv?flx=1", "did you mean 'flux'?"),
        ("search.csv?limit=0", "limit: from 1"),
        ("search/count?format=csv", "format: goes with `search`"),
    ],
)
def test_wrong_formats(real_api: TestClient, url: str, message: str) -> None:
    response = real_api.get(f"{API}/{url}")
    assert response.status_code == 400
    assert message in response.json()["message"]
