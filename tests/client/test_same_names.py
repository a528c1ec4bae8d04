"""Products with the same file name have different URIs, and each row names its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from spectraldb import SpectralDB
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.layouts import LAYOUTS, write_layout

NAME = "Level3_x1d.fits"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpectralDB]:
    """Yield a client of a lake with two different products of the same file name."""
    folder = tmp_path_factory.mktemp("names")
    for key in ("x1d-mos", "x1d-mrs"):
        (folder / key).mkdir()
        path = write_layout(next(x for x in LAYOUTS if x.key == key), folder)
        shutil.move(path, folder / key / NAME)
    with_files = Service(Settings(lake=folder / "lake"), create=True)
    with_files.ingest([folder])
    with_files.close()
    with SpectralDB(Path(folder / "lake"), progress=False) as client:
        yield client


def uris(db: SpectralDB) -> set[str]:
    return {row["uri"] for row in db.search_products()}


def test_pixels(db: SpectralDB) -> None:
    search = db.search(wavelength__gt=0)
    assert len(uris(db)) == 2
    table = search.to_table()
    assert set(table["fileName"]) == {NAME}
    assert set(table["uri"]) == uris(db)
    assert {row["uri"] for row in search} == uris(db)
    assert {"uri", "spectrum"} <= set(search.to_pandas().columns)
    for row in (table[0], table[-1], next(iter(search))):
        assert db.retrieve(row).uri == row["uri"]
        assert len(db.derived(row)) >= 1
    assert [each.uri for each in db.retrieve(table[[0, -1]])] == list(table["uri"][[0, -1]])


def test_groups(db: SpectralDB) -> None:
    for table in (
        db.search(wavelength__gt=0).products(),
        db.search(wavelength__gt=0, group=True).to_table(),
    ):
        assert set(table["uri"]) == uris(db)
        assert {db.retrieve(row).uri for row in table} == uris(db)


def test_requested_columns_stay_in_place(db: SpectralDB) -> None:
    table = db.search(wavelength__gt=0, columns=["spectrum", "targetName"], limit=1).to_table()
    assert table.colnames[-3:] == ["spectrum", "targetName", "uri"]
