"""Searches for products against a plain scan of the rows of products and spectra."""

import io
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spectraldb.formats.registry import FORMATS
from spectraldb.query.conditions import PRODUCT_TABLES
from spectraldb.query.result_columns import PRODUCT_COLUMNS
from spectraldb.schema.columns import columns_of, searchable_columns
from spectraldb.schema.tables import PRODUCT_TYPES, Table
from spectraldb.service.service import Service
from tests.conftest import all_pages, real_paths
from tests.formats.test_formats import STREAMED, read

SEARCH = "/spectra/api/v0.1/search/products"
Row = dict[str, Any]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
OF_PRODUCTS = (
    "targetName",
    "instrument",
    "dateObs",
    "grating",
    "targetRA",
    "exposureTime",
    "nSpectra",
    "productWavelengthMin",
)
OF_SPECTRA = (
    "spectrum",
    "sourceType",
    "ra",
    "dec",
    "nGood",
    "wavelengthMax",
    "fluxMedian",
    "derSnr",
    "medianSnr",
    "positionFrom",
)


class Scan:
    """The products of a lake, each with the rows of its spectra."""

    def __init__(self, service: Service) -> None:
        files = [file for part in service.lake.snapshot().spectra.values() for file in part]
        rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
        self.products = [product.as_dict() for product in service.products()]
        self.spectra: dict[int, list[Row]] = {row["productId"]: [] for row in self.products}
        for row in rows:
            self.spectra[row["productId"]].append(row)
        self.every = [row for rows in self.spectra.values() for row in rows]

    def values(self, name: str) -> list[Any]:
        rows = self.products if name in self.products[0] else self.every
        return sorted({row[name] for row in rows} - {None})

    def find(
        self, product: Callable[[Row], bool], spectrum: Callable[[Row, Row], bool] | None
    ) -> dict[str, int]:
        """Return the URIs of what matches, and how many spectra do."""
        found = {}
        for row in filter(product, self.products):
            spectra = self.spectra[row["productId"]]
            count = sum(spectrum is None or spectrum(row, each) for each in spectra)
            if count:
                found[row["uri"]] = count
        return found


@pytest.fixture(scope="module")
def scan(real: Service) -> Scan:
    return Scan(real)


def found(api: TestClient, query: str | dict[str, Any]) -> dict[str, int]:
    response = api.get(SEARCH, params=query)
    assert response.status_code == 200, response.text
    return {row["uri"]: row["matchedSpectra"] for row in response.json()["results"]}


Wanted = tuple[str, str, float]
CONDITIONS = st.lists(
    st.tuples(
        st.sampled_from(OF_PRODUCTS + OF_SPECTRA), st.sampled_from(list(COMPARE)), st.floats(0, 1)
    ),
    max_size=4,
)
SHARED = [HealthCheck.function_scoped_fixture]


@settings(max_examples=150, deadline=None, suppress_health_check=SHARED)
@given(
    wanted=CONDITIONS, types=st.none() | st.sets(st.sampled_from(sorted(PRODUCT_TYPES)), min_size=1)
)
def test_answers_are_those_of_a_scan(
    real_api: TestClient, scan: Scan, wanted: list[Wanted], types: set[str] | None
) -> None:
    query: list[tuple[str, Any]] = [] if types is None else [("product", ",".join(types))]
    conditions: list[tuple[str, str, Any]] = []
    for name, key, quantile in wanted:
        values = scan.values(name)  # of those that occur, so that something matches
        value = values[int(quantile * (len(values) - 1))]
        query.append((f"{name}.{key}", value if isinstance(value, str) else repr(value)))
        conditions.append((name, key, value))
    of_spectra = [each for each in conditions if each[0] in OF_SPECTRA]
    expected = scan.find(
        lambda row: (
            (types is None or row["productType"] in types)
            and holds(row, [each for each in conditions if each[0] in OF_PRODUCTS])
        ),
        (lambda _, spectrum: holds(spectrum, of_spectra)) if of_spectra else None,
    )
    response = real_api.get(SEARCH, params=query).json()
    assert response["status"] == 1, response
    got = [(row["uri"], row["matchedSpectra"]) for row in response["results"]]
    assert got == list(expected.items())


def holds(row: Row, conditions: list[tuple[str, str, Any]]) -> bool:
    return all(
        row[name] is not None and COMPARE[key](_folded(row[name]), _folded(value))
        for name, key, value in conditions
    )


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def test_all_types_are_listed_without_a_condition(real: Service, real_api: TestClient) -> None:
    answer = real_api.get(SEARCH).json()
    assert answer["message"] == f"Found {len(real_paths())} products"
    assert not answer["truncated"]
    assert list(answer["results"][0]) == list(PRODUCT_COLUMNS)
    assert list(answer["column_metadata"]) == list(PRODUCT_COLUMNS)
    for got, row in zip(answer["results"], real.products(), strict=True):
        assert got == {n: row.values.get(n, row.n_spectra) for n in PRODUCT_COLUMNS}
    assert {row["productType"] for row in answer["results"]} == {"x1d", "s2d", "s3d"}


def test_one_spectrum_fulfils_all_conditions(real_api: TestClient, scan: Scan) -> None:
    """Each of two conditions is met by some spectrum of a cube, both by none."""
    cube = max(scan.products, key=lambda row: row["nSpectra"])
    spectra = scan.spectra[cube["productId"]]
    low = min(s["fluxMedian"] for s in spectra if s["fluxMedian"] is not None)
    high = max(s["derSnr"] for s in spectra if s["derSnr"] is not None)
    conditions = {"fluxMedian.lte": repr(low), "derSnr.gte": repr(high)}
    for name, value in conditions.items():
        assert found(real_api, {"uri": cube["uri"], name: value}) == {cube["uri"]: 1}
    assert found(real_api, {"uri": cube["uri"]} | conditions) == {}


@pytest.mark.parametrize("radius", ["0.3 arcsec", "0.0005", "2 deg"])
@pytest.mark.parametrize("also", [{}, {"derSnr.gt": "3"}])
def test_circle_is_that_of_astropy(
    real_api: TestClient, scan: Scan, radius: str, also: dict[str, str]
) -> None:
    middle = next(s for s in scan.every if s["positionFrom"] == "spaxel" and s["spectrum"] == 400)
    place = SkyCoord(middle["ra"], middle["dec"], unit="deg")
    angle = u.Quantity(radius if radius[-1].isalpha() else f"{radius} deg")

    def inside(_: Row, spectrum: Row) -> bool:
        if spectrum["ra"] is None or (also and not holds(spectrum, [("derSnr", "gt", 3.0)])):
            return False
        return bool(
            SkyCoord(spectrum["ra"], spectrum["dec"], unit="deg").separation(place) <= angle
        )

    near = {
        row["productId"]
        for row in scan.products
        if any(
            s["ra"] is not None and abs(s["dec"] - middle["dec"]) <= 2.1
            for s in scan.spectra[row["productId"]]
        )
    }
    expected = scan.find(lambda row: row["productId"] in near, inside)
    position = {"ra": middle["ra"], "dec": middle["dec"], "radius": radius}
    assert found(real_api, position | also) == expected != {}


def test_without_radius_a_position_is_a_condition(real_api: TestClient, scan: Scan) -> None:
    query = {"ra": "345.81,345.82", "dec.gt": "8.873"}
    expected = scan.find(
        lambda _: True,
        lambda _, s: s["ra"] is not None and 345.81 <= s["ra"] <= 345.82 and s["dec"] > 8.873,
    )
    assert found(real_api, query) == expected != {}


def test_conditions_with_units(real_api: TestClient, scan: Scan) -> None:
    scales = {"Jy": 1e3, "MJy": 1e9}
    expected = scan.find(
        lambda row: row["fluxUnit"] in scales,
        lambda row, s: (s["fluxMax"] or 0) * scales[row["fluxUnit"]] >= 3,
    )
    query = {"fluxMax.gte": "3 mJy"}
    assert found(real_api, query) == expected != {}
    message = real_api.get(SEARCH, params=query).json()["message"]
    assert "fluxMax in mJy leaves out products in MJy/sr" in message
    in_um = found(real_api, {"productWavelengthMin.gt": "5"})
    assert found(real_api, {"productWavelengthMin.gt": "50000 Angstrom"}) == in_um != {}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("targetName.like=ngc*", {"targetName"}),
        ("program=1328&columns=calVer,filename", {"program", "calVer", "filename"}),
        ("product=s3d&derSnr.gt=5&slit.like=*", {"product"}),
        ("sort_by=-dateObs,matchedSpectra&columns=matchedSpectra", {"dateObs"}),
        ("ra=345.8&dec=8.8&radius=3", set()),
    ],
)
def test_columns_of_an_answer(real_api: TestClient, query: str, names: set[str]) -> None:
    answer = real_api.get(f"{SEARCH}?{query}").json()
    assert set(answer["column_metadata"]) == set(PRODUCT_COLUMNS) | names
    for row in answer["results"]:
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
def test_pages_end_to_end_are_the_whole_answer(real_api: TestClient, query: str) -> None:
    whole = real_api.get(f"{SEARCH}?{query}").json()["results"]
    assert len(whole) > 10
    assert all_pages(real_api, f"{SEARCH}?{query}&limit=3") == whole
    key = query.partition("sort_by=")[2].partition(",")[0]
    if key:
        values = [row[key.lstrip("-")] for row in whole]
        held = [value for value in values if value is not None]
        assert values[len(held) :] == [None] * (len(values) - len(held))
        assert held == sorted(held, reverse=key.startswith("-"))


def test_pages_keep_their_version(lake: Service, api: TestClient, real_folder: Path) -> None:
    paths = sorted(real_folder.glob("*x1d.fits"))[:3]
    lake.ingest(paths[:2])
    whole = api.get(SEARCH).json()
    first = api.get(f"{SEARCH}?limit=1").json()
    lake.remove([paths[1].name])
    lake.ingest(paths[2:])
    assert first["results"] + api.get(first["next"]).json()["results"] == whole["results"]
    assert api.get(f"{SEARCH}?version={whole['version']}").json() == whole
    now = api.get(SEARCH).json()
    assert now["version"] > whole["version"]
    assert [row["fileName"] for row in now["results"]] == [paths[0].name, paths[2].name]


@pytest.mark.parametrize("name", STREAMED)
def test_every_format_holds_the_answer(real_api: TestClient, name: str) -> None:
    query = "derSnr.gt=1&columns=title,exposureTime"
    expected = real_api.get(f"{SEARCH}?{query}").json()["results"]
    answers = [
        real_api.get(f"{SEARCH}.{name}?{query}"),
        real_api.get(f"{SEARCH}?{query}&format={name}"),
    ]
    answers.append(real_api.get(f"{SEARCH}?{query}", headers={"accept": FORMATS[name].media_type}))
    for response in answers:
        assert response.headers["content-type"].startswith(FORMATS[name].media_type)
        rows = read(name, response.content).to_pylist()
        for row in rows:  # a channel is text, which CSV does not tell
            row["channel"] = row["channel"] if row["channel"] is None else str(row["channel"])
        assert rows == expected
    assert read(name, real_api.get(f"{SEARCH}.{name}?limit=2").content).num_rows == 2


def test_fits_names_its_table(real_api: TestClient) -> None:
    with fits.open(io.BytesIO(real_api.get(f"{SEARCH}.fits?limit=2").content)) as hdus:
        header = hdus["PRODUCTS"].header
    assert header["NAXIS2"] == 2
    assert {
        header[f"TUNIT{i}"] for i in range(1, header["TFIELDS"] + 1) if f"TUNIT{i}" in header
    } == {"deg", "um"}


def test_both_places_answer_the_same(real_api: TestClient) -> None:
    here, there = (
        real_api.get(f"{place}/api/v0.1/search/products?instrument=miri").json()
        for place in ("/spectra", "/viz")
    )
    assert here == there


def test_sql_of_an_answer_can_be_run(real: Service, real_api: TestClient) -> None:
    answer = real_api.get(
        f"{SEARCH}?spectrum.lt=40&fluxMax.gt=1 Jy&limit=3&sort_by=-nStored"
    ).json()
    rows = real._duckdb.fetch(answer["query"], real.lake.snapshot()).to_pylist()
    shown = [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows]
    assert shown[:3] == answer["results"]
    assert "SpectralPixel" not in answer["query"]


def test_no_spectra_are_read_without_a_condition_on_them(real_api: TestClient) -> None:
    answer = real_api.get(f"{SEARCH}?instrument=miri&sort_by=-matchedSpectra").json()
    assert "SpectralCharacteristics" not in answer["query"]


def test_empty_answers(real_api: TestClient, lake: Service, api: TestClient) -> None:
    answer = real_api.get(f"{SEARCH}?targetName=nothing").json()
    assert (answer["results"], answer["message"]) == ([], "Found 0 products")
    empty = api.get(f"{SEARCH}?derSnr.gt=1&fluxMax.gt=1 mJy").json()
    assert (empty["results"], empty["next"]) == ([], None)
    assert empty["message"] == "Found 0 products; the lake is empty"
    for name in STREAMED:
        assert read(name, api.get(f"{SEARCH}.{name}").content).num_rows == 0


def test_lake_whose_products_were_removed_is_empty(
    lake: Service, api: TestClient, real_folder: Path
) -> None:
    path = next(real_folder.glob("*x1d.fits"))
    lake.ingest([path])
    lake.remove([path.name])
    assert api.get(SEARCH).json()["message"] == "Found 0 products; the lake is empty"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("wavelength=1,2", "wavelength: a column of pixels, and no pixel is looked at here"),
        ("quality=0", "quality: a column of pixels"),
        ("flux.gte=3 mJy", "`search` with group=True"),
        ("group=True", "group: each result is a product here"),
        ("columns=derSnr", "columns: derSnr differs within a product"),
        ("columns=flux", "columns: flux differs within a product"),
        ("columns=matched", "there is no column 'matched'"),
        ("matchedSpectra.gt=3", "there is no column 'matchedSpectra'"),
        ("sort_by=-derSnr", "order by columns of the product or by matchedSpectra"),
        ("instrment=miri", "did you mean 'instrument'?"),
        ("limit=0", "limit: from 1 to"),
        ("after=x", "not the token of a page"),
        ("ra=1&radius=1", "dec is missing"),
    ],
)
def test_errors_say_what_to_do(api: TestClient, query: str, message: str) -> None:
    response = api.get(f"{SEARCH}?{query}")
    assert response.status_code == 400
    assert message in response.json()["message"]
    assert api.get(f"{SEARCH}.csv?{query}").status_code == 400


def test_page_of_pixels_is_no_page_of_products(real_api: TestClient) -> None:
    following = real_api.get("/spectra/api/v0.1/search?limit=1").json()["next"]
    response = real_api.get(following.replace("/search?", "/search/products?"))
    assert "not the token of a page" in response.json()["message"]


def test_every_column_is_a_condition_or_told_to_be_none(api: TestClient) -> None:
    listed = api.get("/spectra/api/v0.1/search/columns").json()["columns"]
    takes = {column["name"]: "search/products" in column["searches"] for column in listed}
    assert set(takes) == {column.name for column in searchable_columns()}
    for column in searchable_columns():
        assert takes[column.name] is (column.table in PRODUCT_TABLES)
        response = api.get(SEARCH, params={column.name: column.example})
        assert response.status_code == (200 if takes[column.name] else 400), response.text


def test_every_column_of_products_can_be_asked_for(real: Service, real_api: TestClient) -> None:
    names = [column.name for column in columns_of(Table.PRODUCT) if column.searchable]
    answer = real_api.get(f"{SEARCH}?columns={','.join(names)}").json()
    for got, row in zip(answer["results"], real.products(), strict=True):
        assert {name: got[name] for name in names} == {name: row[name] for name in names}
