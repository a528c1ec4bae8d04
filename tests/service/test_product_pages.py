"""Results of searches for products: columns, pages, formats, SQL and errors."""

import io
from pathlib import Path

import pytest
from astropy.io import fits
from fastapi.testclient import TestClient

from spectraldb.formats.registry import FORMATS
from spectraldb.query.conditions import PRODUCT_TABLES
from spectraldb.query.result_columns import PRODUCT_COLUMNS
from spectraldb.schema.columns import columns_of, searchable_columns
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from tests.conftest import all_pages
from tests.support.result_tables import TABLE_FORMATS, read_table

API = "/spectra/api/v0.1"
SEARCH = f"{API}/search/products"

TYPES = {"samples": {"x1d", "c1d", "x1dints", "s2d", "s3d"}, "real": {"x1d", "s2d", "s3d"}}


def test_all_types_are_listed_without_a_condition(
    each_lake: Service, each_api: TestClient, lake_name: str
) -> None:
    page = each_api.get(SEARCH).json()
    records = each_lake.products()
    assert page["message"] == f"Found {len(records)} products."
    assert not page["truncated"]
    assert list(page["results"][0]) == list(PRODUCT_COLUMNS)
    assert list(page["column_metadata"]) == list(PRODUCT_COLUMNS)
    for row, record in zip(page["results"], records, strict=True):
        assert row == {n: record.values.get(n, record.n_spectra) for n in PRODUCT_COLUMNS}
    assert {row["productType"] for row in page["results"]} == TYPES[lake_name]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("targetName.like=ngc*", {"targetName"}),
        ("targetName.like=synthetic*", {"targetName"}),
        ("program=1328&columns=calVer,filename", {"program", "calVer", "filename"}),
        ("program=99003&columns=calVer,filename", {"program", "calVer", "filename"}),
        ("product=s3d&derSnr.gt=5&slit.like=*", {"product"}),
        ("product=x1d,s3d&derSnr.gt=5", {"product"}),
        ("sort_by=-dateObs,matchedSpectra&columns=matchedSpectra", {"dateObs"}),
        ("ra=345.8&dec=8.8&radius=3", set()),
    ],
)
def test_columns_of_a_result(each_api: TestClient, query: str, names: set[str]) -> None:
    page = each_api.get(f"{SEARCH}?{query}").json()
    assert set(page["column_metadata"]) == set(PRODUCT_COLUMNS) | names
    for row in page["results"]:
        assert set(row) == set(PRODUCT_COLUMNS) | names


@pytest.mark.parametrize(
    "query",
    [
        "",
        "derSnr.gt=1",
        "sort_by=-targetName",
        "sort_by=-grating,nStored",
        "derSnr.gt=1&sort_by=-matchedSpectra",
        "sort_by=matchedSpectra",
    ],
)
def test_pages_together_are_the_whole_result(each_api: TestClient, query: str) -> None:
    whole = each_api.get(f"{SEARCH}?{query}").json()["results"]
    assert len(whole) > 10
    assert all_pages(each_api, f"{SEARCH}?{query}&limit=3") == whole
    key = query.partition("sort_by=")[2].partition(",")[0]
    if key:
        values = [row[key.lstrip("-")] for row in whole]
        present = [value for value in values if value is not None]
        assert values[len(present) :] == [None] * (len(values) - len(present))
        assert present == sorted(present, reverse=key.startswith("-"))


def test_pages_keep_their_version(lake: Service, api: TestClient, sample_folder: Path) -> None:
    paths = sorted(sample_folder.glob("*x1d.fits"))[:3]
    lake.ingest(paths[:2])
    whole = api.get(SEARCH).json()
    first = api.get(f"{SEARCH}?limit=1").json()
    lake.remove([paths[1].name])
    lake.ingest(paths[2:])
    assert first["results"] + api.get(first["next"]).json()["results"] == whole["results"]
    assert api.get(f"{SEARCH}?version={whole['version']}").json() == whole
    newest = api.get(SEARCH).json()
    assert newest["version"] > whole["version"]
    assert [row["fileName"] for row in newest["results"]] == [paths[0].name, paths[2].name]


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_every_format_has_the_whole_result(each_api: TestClient, name: str) -> None:
    query = "derSnr.gt=1&columns=title,exposureTime"
    expected = each_api.get(f"{SEARCH}?{query}").json()["results"]
    media_type = FORMATS[name].media_type
    for response in (
        each_api.get(f"{SEARCH}.{name}?{query}"),
        each_api.get(f"{SEARCH}?{query}&format={name}"),
        each_api.get(f"{SEARCH}?{query}", headers={"accept": media_type}),
    ):
        assert response.headers["content-type"].startswith(media_type)
        rows = read_table(name, response.content).to_pylist()
        for row in rows:  # a channel is text that looks like a number in CSV
            row["channel"] = row["channel"] if row["channel"] is None else str(row["channel"])
        assert rows == expected
    assert read_table(name, each_api.get(f"{SEARCH}.{name}?limit=2").content).num_rows == 2


def test_fits_names_its_table(each_api: TestClient) -> None:
    with fits.open(io.BytesIO(each_api.get(f"{SEARCH}.fits?limit=2").content)) as hdus:
        header = hdus["PRODUCTS"].header
    assert header["NAXIS2"] == 2
    assert {
        header[f"TUNIT{i}"] for i in range(1, header["TFIELDS"] + 1) if f"TUNIT{i}" in header
    } == {"deg", "um"}


def test_both_prefixes_have_the_same_results(each_api: TestClient) -> None:
    pages = [
        each_api.get(f"{prefix}/api/v0.1/search/products?instrument=miri").json()
        for prefix in ("/spectra", "/viz")
    ]
    assert pages[0] == pages[1]
    assert pages[0]["results"]


def test_sql_of_a_page_can_be_run(each_lake: Service, each_api: TestClient) -> None:
    query = "spectrum.lt=40&fluxMax.gt=1 Jy&limit=3&sort_by=-nStored"
    page = each_api.get(f"{SEARCH}?{query}").json()
    rows = each_lake._duckdb.fetch(page["query"], each_lake.lake.snapshot()).to_pylist()
    shown = [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows]
    assert shown[:3] == page["results"] != []
    assert "SpectralPixel" not in page["query"]


def test_no_spectra_are_read_without_a_condition_on_them(each_api: TestClient) -> None:
    page = each_api.get(f"{SEARCH}?instrument=miri&sort_by=-matchedSpectra").json()
    assert "SpectralCharacteristics" not in page["query"]


def test_empty_results(each_api: TestClient, api: TestClient) -> None:
    page = each_api.get(f"{SEARCH}?targetName=nothing").json()
    assert (page["results"], page["message"]) == ([], "Found 0 products.")
    empty = api.get(f"{SEARCH}?derSnr.gt=1&fluxMax.gt=1 mJy").json()
    assert (empty["results"], empty["next"]) == ([], None)
    assert empty["message"] == "Found 0 products. The lake is empty."
    for name in TABLE_FORMATS:
        assert read_table(name, api.get(f"{SEARCH}.{name}").content).num_rows == 0


def test_lake_whose_products_were_removed_is_empty(
    lake: Service, api: TestClient, sample_folder: Path
) -> None:
    path = next(sample_folder.glob("*x1d.fits"))
    lake.ingest([path])
    lake.remove([path.name])
    assert api.get(SEARCH).json()["message"] == "Found 0 products. The lake is empty."


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("wavelength=1,2", "wavelength: This is a column of pixels"),
        ("quality=0", "quality: This is a column of pixels"),
        ("flux.gte=3 mJy", "`search` with group=true"),
        ("group=True", "group: Each result of this search is a product"),
        ("columns=derSnr", "columns: derSnr differs within a product"),
        ("columns=flux", "columns: flux differs within a product"),
        ("columns=matched", "Unknown column 'matched'"),
        ("matchedSpectra.gt=3", "Unknown column 'matchedSpectra'"),
        ("sort_by=-derSnr", "sort by columns of the product or by matchedSpectra"),
        ("instrment=miri", "Did you mean 'instrument'?"),
        ("limit=0", "limit: Must be between 1 and"),
        ("after=x", "not a page token"),
        ("ra=1&radius=1", "dec is missing"),
    ],
)
def test_errors_say_what_to_do(api: TestClient, query: str, message: str) -> None:
    response = api.get(f"{SEARCH}?{query}")
    assert response.status_code == 400
    assert message in response.json()["message"]
    assert api.get(f"{SEARCH}.csv?{query}").status_code == 400


def test_page_token_of_pixels_is_rejected(each_api: TestClient) -> None:
    following = each_api.get(f"{API}/search?limit=1").json()["next"]
    response = each_api.get(following.replace("/search?", "/search/products?"))
    assert "not a page token" in response.json()["message"]


def test_every_column_is_a_condition_or_listed_as_none(api: TestClient) -> None:
    listed = api.get(f"{API}/search/columns").json()["columns"]
    takes = {column["name"]: "search/products" in column["searches"] for column in listed}
    assert set(takes) == {column.name for column in searchable_columns()}
    for column in searchable_columns():
        assert takes[column.name] is (column.table in PRODUCT_TABLES)
        response = api.get(SEARCH, params={column.name: column.example})
        assert response.status_code == (200 if takes[column.name] else 400), response.text


def test_every_column_of_products_can_be_requested(
    each_lake: Service, each_api: TestClient
) -> None:
    names = [column.name for column in columns_of(Table.PRODUCT) if column.searchable]
    page = each_api.get(f"{SEARCH}?columns={','.join(names)}").json()
    for row, record in zip(page["results"], each_lake.products(), strict=True):
        assert {name: row[name] for name in names} == {name: record[name] for name in names}
