"""Searches by the client, compared with the service and astropy."""

import itertools
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import QTable, Table

from spectraldb import SpectralDB
from spectraldb.errors import BadQueryError
from spectraldb.service.service import Service

SEARCHES: list[dict[str, Any]] = [
    {"wavelength": (3.2, 3.3) * u.um},
    {"wavelength": (32000, 33000) * u.AA, "flux__gte": 0.003 * u.mJy, "columns": ["targetName"]},
    {"product": ["s2d", "s3d"], "snr__gt": 50, "good": True, "sort_by": "-snr", "limit": 2500},
    {
        "product": "s3d",
        "position": SkyCoord(345.62, 8.91, unit="deg"),
        "radius": 0.3 * u.arcsec,
        "wavelength": (5, 5.1),
        "columns": ["ra", "dec", "spectrum"],
    },
    {"wavelength": (900, 901)},
    {"product": "all", "group": True, "columns": ["instrument"]},
]


@pytest.mark.parametrize("conditions", SEARCHES)
def test_results_are_the_same_both_ways(
    remote: SpectralDB, local: SpectralDB, samples: Service, conditions: dict[str, Any]
) -> None:
    one, other = remote.search(**conditions), local.search(**conditions)
    assert one.parameters == other.parameters
    direct = samples.stream(parse_qsl(urlsplit(one.url).query))
    expected = pa.Table.from_batches(
        (b.cast(direct.schema) for b in direct.batches()), direct.schema
    )
    for search in (one, other):
        found = search.to_arrow()
        assert found.equals(expected)
        assert found.schema.equals(expected.schema, check_metadata=True)
        assert len(search.to_qtable()) == len(search.to_table()) == len(expected)
        assert search.to_pandas().shape == search.to_polars().shape == expected.shape
        assert pa.Table.from_batches(search.batches(), expected.schema).equals(expected)
        assert list(search) == list(other)
    assert one.count() == other.count()
    assert one.sql == other.sql
    assert one.url.endswith(other.url)


def test_values_are_those_of_the_files(db: SpectralDB, samples: Service) -> None:
    search = db.search(wavelength=(3.2, 3.3) * u.um, derSnr__gt=20, columns=["uri", "flux"])
    rows = search.to_table()
    assert len(rows) > 10
    for row in rows[:: len(rows) // 10]:
        table = fits.getdata(samples.find(str(row["uri"]))["location"], "EXTRACT1D")
        assert row["wavelength"] == table["WAVELENGTH"][row["x"]]
        assert row["flux"] == table["FLUX"][row["x"]]


def test_units_descriptions_and_masks(db: SpectralDB) -> None:
    search = db.search(wavelength=(3.2, 3.3), columns=["order", "targetRA", "sourceId"])
    table = search.to_qtable()
    assert isinstance(table, QTable)
    assert table["wavelength"].unit == u.um
    assert table["targetRA"].unit == u.deg
    assert table["wavelength"].info.description == "wavelength in vacuum"
    assert table.meta["version"] == str(
        search.to_arrow().schema.metadata[b"spectraldb.version"], "utf8"
    )
    plain = search.to_table()
    assert type(plain) is Table
    assert not isinstance(plain["wavelength"], u.Quantity)
    arrow = search.to_arrow()
    for name in table.colnames:
        mask = np.broadcast_to(getattr(table[name], "mask", False), len(table))
        assert mask.tolist() == arrow[name].is_null().to_pylist(), name
    frame = search.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame.attrs["units"]["wavelength"] == "um"


def test_conditions_as_in_urls(db: SpectralDB) -> None:
    text = db.search("wavelength=1.2,1.3&flux.gte=1e-7", limit=20)
    keywords = db.search(wavelength=(1.2, 1.3), flux__gte=1e-7, limit=20)
    assert text.to_arrow().equals(keywords.to_arrow())


def test_further_conditions(db: SpectralDB) -> None:
    wide = db.search(wavelength=(3, 4), limit=5)
    narrow = wide.where(wavelength=(3.2, 3.3), good=True)
    assert narrow.parameters == [("limit", "5"), ("wavelength", "3.2,3.3"), ("good", "true")]
    assert wide.parameters == [("wavelength", "3,4"), ("limit", "5")]
    assert narrow.count() < wide.count()


@pytest.mark.parametrize("limit", [None, 1, 1000, 2300])
def test_iterating_follows_the_pages(db: SpectralDB, limit: int | None) -> None:
    search = db.search(wavelength=(3, 3.2), product=["x1d", "s2d"])
    search = search if limit is None else search.where(limit=limit)
    pages = list(search.pages())
    rows = list(itertools.chain.from_iterable(pages))
    assert all(len(page) == 1000 for page in pages[:-1])
    assert rows == search.to_arrow().to_pylist()
    assert len(rows) == (search.count() if limit is None else limit)
    assert list(itertools.islice(search, 3)) == rows[:3]


def test_counts_and_products(db: SpectralDB, samples: Service) -> None:
    search = db.search(wavelength=(3, 4), columns=["ra"], sort_by="-flux", limit=3)
    count = samples.count([("wavelength", "3,4")])
    assert search.count() == count.pixels
    products = search.products()
    assert len(products) == count.products
    assert products["matched"].sum() == count.pixels


def test_searching_products(db: SpectralDB, samples: Service) -> None:
    search = db.search_products(instrument="MIRI")
    rows = search.to_table()
    expected = [row["uri"] for row in samples.products() if row["instrument"] == "MIRI"]
    assert list(rows["uri"]) == expected
    assert search.count() == len(expected)
    assert [row["uri"] for row in search] == expected
    assert "DataProduct" in search.sql


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"wavelenth": 3}, "Did you mean 'wavelength'"),
        ({"wavelength": (2, 1)}, "wavelength"),
        ({"wavelength__gte": 3 * u.s}, "s cannot be converted to um"),
    ],
)
def test_errors_equal_those_of_the_server(
    remote: SpectralDB, local: SpectralDB, conditions: dict[str, Any], message: str
) -> None:
    messages = []
    for db in (remote, local):
        for method in ("count", "to_arrow", "to_qtable", "products"):
            with pytest.raises(BadQueryError, match=message) as error:
                getattr(db.search(**conditions), method)()
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_search_is_lazy(db: SpectralDB) -> None:
    search = db.search(wavelenth=3)
    assert "wavelenth=3" in repr(search)
    assert "wavelenth=3" in search.url


def test_units_of_fluxes(db: SpectralDB) -> None:
    one = db.search(product="s3d", wavelength=(5, 5.1), columns=["flux"]).to_qtable()
    assert one["flux"].unit == u.MJy / u.sr
    assert "fluxUnit" not in one.colnames
    requested = db.search(product="s3d", wavelength=(5, 5.1), columns=["flux", "fluxUnit"])
    assert set(requested.to_table()["fluxUnit"]) == {"MJy/sr"}
    mixed = db.search(product=["s2d", "x1d"], wavelength=(3, 3.2), columns=["flux"]).to_qtable()
    assert not isinstance(mixed["flux"], u.Quantity)
    assert set(mixed["fluxUnit"]) >= {"MJy/sr", "Jy"}
    none = db.search(wavelength=(900, 901), columns=["flux"]).to_qtable()
    assert len(none) == 0
    assert "fluxUnit" not in none.colnames
