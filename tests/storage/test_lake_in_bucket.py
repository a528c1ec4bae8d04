"""A lake in a bucket: results, copies of files, and commands."""

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from spectraldb.api.app import create_app
from spectraldb.cli import app
from spectraldb.errors import LakeError
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.s3 import Bucket
from tests.support.machines import Machines, count_products, write_products
from tests.support.seaweed import BUCKET, Seaweed

API = "/spectra/api/v0.1"

QUERIES = [
    "wavelength=1.2,1.3&flux.gte=0.00001&columns=derSnr,ra,dec",
    "product=s3d&wavelength=5,5.1&sort_by=-flux&limit=50",
    "product=all&group=True&columns=nStored",
    "product=s2d&derSnr.gt=1&good=true&limit=3000",
    "product=s3d&ra=187.3102&dec=12.4195&radius=2arcsec&limit=500",
    "product=x1d&flux.gte=3mJy",
]


def pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (item.partition("=") for item in query.split("&"))]


@pytest.mark.parametrize("state", ["fresh", "optimized"])
def test_results_are_those_of_a_folder(
    machines: Machines, samples: Service, sample_folder: Path, state: str
) -> None:
    with closing(machines.new(create=True)) as writer:
        assert not writer.ingest([sample_folder]).refused
        if state == "optimized":
            assert writer.optimize(grace=0).segments
            assert len(list(writer.lake.store.list_folders("segments"))) >= 5  # product types
    other = machines.new()
    by_uri = [("sort_by", "uri,spectrum,pixel")]
    for query in QUERIES:
        request = pairs(query)
        count = other.count(request).pixels
        assert count == samples.count(request).pixels > 0
        if "sort_by" not in query and "group" not in query:
            request += by_uri
        assert without_ids(other.search(request).rows) == without_ids(samples.search(request).rows)
    request = [("product", "s3d"), *by_uri]
    found, expected = (
        pa.Table.from_batches(service.stream(request).batches()) for service in (other, samples)
    )
    assert found.equals(expected)
    request = [("derSnr.gt", "5"), ("sort_by", "uri")]
    found, expected = (service.search_products(request).rows for service in (other, samples))
    assert found["uri"].equals(expected["uri"])
    assert len(found)


def without_ids(rows: pa.Table) -> list[dict[str, Any]]:
    """Return sorted rows without the product numbers, which differ between lakes."""
    names = [name for name in rows.column_names if name != "productId"]
    return sorted(rows.select(names).to_pylist(), key=str)


def test_copies_are_retrieved_from_another_machine(
    machines: Machines, layout_folder: Path, layouts: Service, tmp_path: Path
) -> None:
    writer = machines.new(create=True)
    folder = tmp_path / "files"
    shutil.copytree(layout_folder, folder)
    assert len(writer.ingest([folder], copy=True).refused) < len(layouts.products())
    shutil.rmtree(folder)
    other = machines.new()
    by_checksum = {row["checksum"]: row for row in layouts.products()}
    assert {row["checksum"] for row in other.products()} == set(by_checksum)
    for row in other.products():
        expected = by_checksum[row["checksum"]]
        assert row["location"].startswith(f"s3://{BUCKET}/")
        copy, name = other.file(row["uri"])
        assert name == expected["fileName"]
        assert copy.read_bytes() == Path(expected["location"]).read_bytes()
        assert_same_arrays(other, row["uri"], layouts, expected["uri"])
    uri = other.products()[0]["uri"]
    location = other.find(uri)["location"]
    other.remove([uri])
    assert not list(Bucket(location, machines.seaweed.access).list())


def assert_same_arrays(one: Service, uri: str, other: Service, other_uri: str) -> None:
    with one.retrieve(uri) as found, other.retrieve(other_uri) as expected:
        for mine, yours in zip(found.answer.columns, expected.answer.columns, strict=True):
            assert mine.name == yours.name
            for a, b in zip(mine.chunks(), yours.chunks(), strict=True):
                assert a.tobytes() == b.tobytes()


def test_the_api_serves_a_lake_in_a_bucket(machines: Machines, tmp_path: Path) -> None:
    machines.new(create=True).ingest(write_products(tmp_path, 1), copy=True)
    service = machines.new()
    (row,) = service.products()
    with TestClient(create_app(service)) as client:
        assert client.get("/ready").status_code == 200
        assert client.get(f"{API}/search?wavelength.gte=1").json()["results"]
        assert client.get(f"{API}/retrieve?uri={row['uri']}").status_code == 200
        content = client.get(f"{API}/retrieve/file?uri={row['uri']}").content
        assert len(content) == row["fileSize"]


def run(settings: Settings, *arguments: str) -> Result:
    environment = {
        "SPECTRALDB_LAKE": str(settings.lake),
        "SPECTRALDB_CACHE": str(settings.cache),
        "SPECTRALDB_S3_ENDPOINT": settings.s3_endpoint,
        "COLUMNS": "200",
    }
    return CliRunner().invoke(app, arguments, env=environment)


def test_commands(machines: Machines, tmp_path: Path) -> None:
    settings = machines.settings()
    none = run(settings, "products")
    assert none.exit_code == 2
    assert f"{settings.lake}: No lake found. Create one with `spectraldb ingest" in none.stderr
    paths = write_products(tmp_path, 2)
    done = run(settings, "ingest", *map(str, paths))
    assert (done.exit_code, done.stdout.count("ingested")) == (0, 3)
    assert str(settings.lake) in run(settings, "info").stdout
    assert "1 segment written" in run(settings, "optimize").stdout
    assert run(settings, "search", "limit=1").exit_code == 0
    assert run(settings, "remove", paths[0].name).exit_code == 0
    assert count_products(machines.new()) == 1


@pytest.mark.parametrize(
    ("lake", "message"),
    [
        ("s3://", "Not a valid address of a lake"),
        ("s3://bucket/with spaces", "Not a valid address of a lake"),
        ("s3://there-is-none/lake", "The specified bucket does not exist"),
    ],
)
def test_an_address_that_cannot_be_a_lake(
    seaweed: Seaweed, tmp_path: Path, lake: str, message: str
) -> None:
    settings = Settings(lake=lake, s3_endpoint=seaweed.endpoint, cache=tmp_path / "cache")
    result = run(settings, "ingest", *map(str, write_products(tmp_path, 1)))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "\x1b" not in result.stderr


def test_wrong_credentials(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.new(create=True)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(LakeError, match=r"Check the endpoint.*403 Forbidden"):
        machines.new()
