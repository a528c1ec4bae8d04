"""A pruning is never narrower than its query, which DuckDB evaluates on the same rows."""

import math
from dataclasses import replace

import pytest
from astropy import units as u
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.query.model import PageToken, PixelQuery
from spectraldb.query.parse import parse_pixels
from spectraldb.query.pruning import (
    ALL_IDS,
    Interval,
    Pruning,
    RangeFilter,
    pruning_of,
)
from spectraldb.schema.tables import Table
from spectraldb.settings import Settings
from tests.support.small_tables import Row, SmallTables, pixel_value, searches, small_tables

UNITS = {"fluxUnit": ["Jy", "MJy", "MJy/sr"], "surfBrightUnit": ["MJy/sr"]}


def pruning(*pairs: tuple[str, str]) -> Pruning:
    """Return the pruning of a search."""
    return pruning_of(parse_pixels(pairs, Settings()), UNITS)


@settings(max_examples=200)
@given(tables=small_tables(), query=searches(), ids=st.none() | st.tuples(*[st.integers(0, 9)] * 2))
def test_every_matching_pixel_is_allowed(
    duckdb_connection: DuckDBPyConnection,
    tables: SmallTables,
    query: PixelQuery,
    ids: tuple[int, int] | None,
) -> None:
    query = replace(query, id_range=ids)
    pruned = pruning_of(query, tables.units)
    matching = set(tables.matching(duckdb_connection, query))
    pixels = [p for p in tables.pixels if (p["productId"], p["spectrum"], p["pixel"]) in matching]
    assert len(pixels) == len(matching)
    for pixel in pixels:
        assert_allowed(pruned, pixel, tables)


def assert_allowed(pruned: Pruning, pixel: Row, tables: SmallTables) -> None:
    """Assert that no filter of a pruning excludes a pixel."""
    product, spectrum = tables.product_of(pixel), tables.spectrum_of(pixel)
    assert product["productType"] in pruned.product_types
    assert pruned.id_range[0] <= pixel["productId"] <= pruned.id_range[1]
    for filter_ in pruned.ranges:
        is_pixel = filter_.table is Table.PIXEL
        value = pixel_value(pixel, filter_.name) if is_pixel else spectrum[filter_.name]
        assert value is not None
        assert any(
            interval.low <= value <= interval.high
            and (not filter_.unit_column or product[filter_.unit_column] == interval.unit)
            for interval in filter_.intervals
        )
        assert filter_.hull.low <= value <= filter_.hull.high


@pytest.mark.parametrize(
    ("pair", "interval"),
    [
        (("wavelength", "1,2"), (1, 2)),
        (("wavelength.gt", "1"), (math.nextafter(1, 2), math.inf)),
        (("wavelength.lte", "12000 Angstrom"), (-math.inf, 1.2)),
        (("dq.in", "7,3,5"), (3, 7)),
        (("snr.eq", "4"), (4, 4)),
        (("spectrum.gte", "2"), (2, math.inf)),
        (("derSnr.lt", "9"), (-math.inf, math.nextafter(9, 0))),
    ],
)
def test_number_is_a_range_filter(pair: tuple[str, str], interval: tuple[float, float]) -> None:
    (filter_,) = pruning(pair).ranges
    assert (filter_.name, filter_.bounds) == (pair[0].partition(".")[0], [interval])
    assert not filter_.unit_column


def test_condition_with_a_unit_has_an_interval_for_each_unit() -> None:
    (filter_,) = pruning(("flux.gte", "3 mJy")).ranges
    assert filter_.unit_column == "fluxUnit"
    assert filter_.intervals == (
        Interval(0.003, math.inf, "Jy"),
        Interval(3e-9, math.inf, "MJy"),
        Interval(0.0, math.inf, "MJy/sr"),  # depends on the pixel area
    )
    assert filter_.hull == Interval(0.0, math.inf)


def test_flux_per_wavelength_is_pruned_at_the_wavelengths_of_the_query() -> None:
    flux = ("flux.between", "1,2 erg / (s cm2 um)")
    in_jy = [(value * u.Unit("erg / (s cm2 um)")) for value in (1, 2)]
    (filter_, _) = pruning(flux, ("wavelength", "2,3")).ranges
    (interval,) = (each for each in filter_.intervals if each.unit == "Jy")
    low = in_jy[0].to_value(u.Jy, u.spectral_density(2 * u.um))
    high = in_jy[1].to_value(u.Jy, u.spectral_density(3 * u.um))
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-8)
    assert interval.low < low
    assert interval.high > high
    (filter_,) = pruning(flux).ranges
    (interval,) = (each for each in filter_.intervals if each.unit == "Jy")
    assert (interval.low, interval.high) == (0.0, math.inf)


def test_unit_that_no_product_has_leaves_no_interval() -> None:
    (filter_,) = pruning(("flux.gte", "3 s")).ranges
    assert filter_.intervals == ()
    assert filter_.hull == Interval(math.inf, -math.inf)


@pytest.mark.parametrize(
    "pair",
    [
        ("targetName", "M 1"),
        ("targetName.like", "M*"),
        ("exposureTime.gt", "5"),
        ("sourceType", "POINT"),
        ("derSnr.ne", "5"),
    ],
)
def test_other_conditions_are_not_filters(pair: tuple[str, str]) -> None:
    assert pruning(pair) == Pruning(frozenset({"x1d"}))


@pytest.mark.parametrize(
    ("pair", "is_exact"),
    [
        (("flux.gt", "1"), True),
        (("wavelength", "1,2"), True),
        (("flux.gte", "3 Jy"), False),  # MJy/sr depends on the pixel area
        (("surfBright.gte", "3 Jy/arcsec2"), True),
        (("dq.in", "1,3"), False),
        (("dq.has", "1"), False),
    ],
)
def test_exact_filters_say_all_of_a_condition(pair: tuple[str, str], *, is_exact: bool) -> None:
    (filter_,) = pruning(pair).ranges
    assert filter_.is_exact is is_exact


@pytest.mark.parametrize("pair", [("wavelength.ne", "1"), ("spectrum.ne", "1"), ("good", "false")])
def test_conditions_that_exclude_no_spectrum_are_not_filters(pair: tuple[str, str]) -> None:
    assert pruning(pair) == Pruning(frozenset({"x1d"}))


def test_good_pixels_are_in_spectra_that_have_some() -> None:
    (filter_,) = pruning(("good", "true")).ranges
    assert filter_ == RangeFilter("nGood", Table.SPECTRUM, (Interval(1, math.inf),))


def test_cone_limits_the_declination() -> None:
    pruned = pruning(("ra", "1"), ("dec", "10"), ("radius", "2"))
    (filter_,) = pruned.ranges
    assert filter_.name == "dec"
    assert 8 - 1e-12 < filter_.hull.low < 8
    assert 12 < filter_.hull.high < 12 + 1e-12


def test_page_begins_at_its_product() -> None:
    query = parse_pixels([], Settings())
    token = PageToken(1, (7, 0, 3))
    assert pruning_of(query, UNITS).id_range == ALL_IDS
    assert pruning_of(replace(query, after=token), UNITS).id_range == (7, ALL_IDS[1])
    part = replace(query, after=token, id_range=(2, 9))
    assert pruning_of(part, UNITS).id_range == (7, 9)
    by_flux = parse_pixels([("sort_by", "flux")], Settings())
    assert (
        pruning_of(replace(by_flux, after=PageToken(1, (0.5, 7, 0, 3))), UNITS).id_range == ALL_IDS
    )
