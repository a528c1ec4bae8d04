"""Searches for products, compared with a scan of the rows of products and spectra."""

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spectraldb.counted import counted
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.service.service import Service
from tests.support.product_scan import ProductScan, Row

SEARCH = "/spectra/api/v0.1/search/products"

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

Condition = tuple[str, str, Any]
"""A column, an operator and a value."""


@pytest.fixture(scope="module")
def scan(each_lake: Service) -> ProductScan:
    return ProductScan(each_lake)


def matched_spectra(api: TestClient, query: dict[str, Any]) -> dict[str, int]:
    """Return the number of matching spectra of each product of a search, by URI."""
    response = api.get(SEARCH, params=query)
    assert response.status_code == 200, response.text
    return {row["uri"]: row["matchedSpectra"] for row in response.json()["results"]}


QUANTILE_CONDITIONS = st.lists(
    st.tuples(
        st.sampled_from(OF_PRODUCTS + OF_SPECTRA),
        st.sampled_from([*COMPARE, "isnull"]),
        st.floats(0, 1),
    ),
    max_size=4,
)
"""Columns and operators, with quantiles of the values of each column."""


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    quantiles=QUANTILE_CONDITIONS,
    types=st.none() | st.sets(st.sampled_from(sorted(PRODUCT_TYPES)), min_size=1),
)
def test_results_agree_with_a_scan(
    each_api: TestClient,
    scan: ProductScan,
    quantiles: list[tuple[str, str, float]],
    types: set[str] | None,
) -> None:
    query: list[tuple[str, Any]] = [] if types is None else [("product", ",".join(types))]
    conditions: list[Condition] = []
    for name, key, quantile in quantiles:
        values = scan.values(name)  # values that occur, so that something matches
        value = values[int(quantile * (len(values) - 1))]
        if key == "isnull":
            value = quantile < 0.5
        query.append((f"{name}.{key}", value if isinstance(value, str) else repr(value)))
        conditions.append((name, key, value))
    of_products = [each for each in conditions if each[0] in OF_PRODUCTS]
    of_spectra = [each for each in conditions if each[0] in OF_SPECTRA]
    expected = scan.find(
        lambda row: (types is None or row["productType"] in types) and holds(row, of_products),
        lambda _, spectrum: holds(spectrum, of_spectra),
    )
    response = each_api.get(SEARCH, params=query).json()
    assert response["status"] == 1, response
    results = [(row["uri"], row["matchedSpectra"]) for row in response["results"]]
    assert results == list(expected.items())


def holds(row: Row, conditions: list[Condition]) -> bool:
    """Return whether a row meets conditions."""
    return all(_holds(row[name], key, value) for name, key, value in conditions)


def _holds(found: Any, key: str, value: Any) -> bool:
    if key == "isnull":
        return bool((found is None) == value)
    return found is not None and COMPARE[key](_folded(found), _folded(value))


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def test_one_spectrum_meets_all_conditions(each_api: TestClient, scan: ProductScan) -> None:
    """Spectra of a cube meet each of two conditions, but no spectrum meets both."""
    cube = max(scan.products, key=lambda row: row["nSpectra"])
    spectra = scan.spectra_of(cube)
    low = min(s["fluxMedian"] for s in spectra if s["fluxMedian"] is not None)
    high = max(s["derSnr"] for s in spectra if s["derSnr"] is not None)
    conditions = {"fluxMedian.lte": repr(low), "derSnr.gte": repr(high)}
    for name, value in conditions.items():
        assert matched_spectra(each_api, {"uri": cube["uri"], name: value}) == {cube["uri"]: 1}
    assert matched_spectra(each_api, {"uri": cube["uri"]} | conditions) == {}


@pytest.mark.parametrize("radius", ["0.32 arcsec", "0.0005", "2 deg"])
@pytest.mark.parametrize("snr", [{}, {"derSnr.gt": "3"}], ids=["any", "above 3"])
def test_cone_agrees_with_astropy(
    each_api: TestClient, scan: ProductScan, radius: str, snr: dict[str, str]
) -> None:
    spaxels = (s for s in scan.spectra if s["positionFrom"] == "spaxel")
    center = next(s for s in spaxels if s["spectrum"] == 400)
    position = SkyCoord(center["ra"], center["dec"], unit="deg")
    angle = u.Quantity(radius if radius[-1].isalpha() else f"{radius} deg")
    placed = [s for s in scan.spectra if s["ra"] is not None]
    coordinates = SkyCoord([s["ra"] for s in placed], [s["dec"] for s in placed], unit="deg")
    near = np.flatnonzero(coordinates.separation(position) <= angle)
    inside = {(placed[i]["productId"], placed[i]["spectrum"]) for i in near}
    conditions: list[Condition] = [("derSnr", "gt", 3.0)] if snr else []
    expected = scan.find(
        spectrum=lambda _, s: (s["productId"], s["spectrum"]) in inside and holds(s, conditions)
    )
    cone = {"ra": center["ra"], "dec": center["dec"], "radius": radius}
    assert matched_spectra(each_api, cone | snr) == expected != {}


def test_without_radius_a_position_is_a_condition(each_api: TestClient, scan: ProductScan) -> None:
    cube = max(scan.products, key=lambda row: row["nSpectra"])
    spaxels = scan.spectra_of(cube)
    low, high = np.quantile([s["ra"] for s in spaxels], [0.25, 0.75], method="nearest").tolist()
    dec = float(np.median([s["dec"] for s in spaxels]))
    expected = scan.find(
        spectrum=lambda _, s: s["ra"] is not None and low <= s["ra"] <= high and s["dec"] > dec
    )
    query = {"ra": f"{low!r},{high!r}", "dec.gt": repr(dec)}
    assert matched_spectra(each_api, query) == expected
    assert 0 < expected[cube["uri"]] < len(spaxels)


def test_flux_in_other_units(each_api: TestClient, scan: ProductScan) -> None:
    scales = {"Jy": 1e3, "MJy": 1e9, "MJy/sr": 1e9}

    def has_area(row: Row) -> bool:
        return row["fluxUnit"] != "MJy/sr" or row["pixelArea"] is not None

    def scale(row: Row) -> float:
        area = row["pixelArea"] if row["fluxUnit"] == "MJy/sr" else 1.0
        return float(scales[row["fluxUnit"]] * area)

    expected = scan.find(
        lambda row: row["fluxUnit"] in scales and has_area(row),
        lambda row, s: (s["fluxMax"] or 0) * scale(row) >= 3,
    )
    query = {"fluxMax.gte": "3 mJy"}
    assert matched_spectra(each_api, query) == expected != {}
    message = each_api.get(SEARCH, params=query).json()["message"]
    left_out = sum(not has_area(row) for row in scan.products)
    if left_out:
        text = f"fluxMax in mJy excludes {counted(left_out, 'product')} in MJy/sr without"
        assert text in message
    assert "in MJy/sr by the pixel area (pixelArea)" in message


def test_wavelengths_in_other_units(each_api: TestClient, scan: ProductScan) -> None:
    search = partial(matched_spectra, each_api)
    expected = [row["uri"] for row in scan.products if row["productWavelengthMin"] > 5]
    in_um = search({"productWavelengthMin.gt": "5"})
    assert list(in_um) == expected != []
    assert search({"productWavelengthMin.gt": "50000 Angstrom"}) == in_um
