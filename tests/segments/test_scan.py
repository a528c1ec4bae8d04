"""The scan of segments finds the pixels that DuckDB finds, in the order of results."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.lake.product_table import ProductTable
from spectraldb.query.model import PixelQuery
from spectraldb.query.parse import parse_pixels
from spectraldb.query.pruning import pruning_of
from spectraldb.schema.tables import Table
from spectraldb.segments.reader import Segment
from spectraldb.segments.scan import PixelScan
from spectraldb.segments.spectra import SpectrumTable
from spectraldb.settings import Settings
from tests.segments.conftest import segments_of
from tests.support.small_tables import (
    Key,
    Row,
    SmallTables,
    key_of,
    pixel_value,
    ranges_of,
    searches,
    small_tables,
)

ALL_TYPES = frozenset({"x1d", "s2d"})


def scan_of(tables: SmallTables, segments: list[Segment], query: PixelQuery) -> PixelScan:
    """Return the scan of segments for a query."""
    spectra = SpectrumTable(segments, ProductTable(tables.table(Table.PRODUCT)))
    return PixelScan(spectra, query, pruning_of(query, tables.units), tables.units)


def keys_of(scan: PixelScan) -> Iterator[Key]:
    """Yield the keys of the pixels of a scan, in its order within each chunk."""
    for chunk in scan.chunks():
        found: list[tuple[int, Key]] = []
        for ranges in chunk:
            pixels = scan.pixels(ranges)
            columns = [
                pixels.segment.column(name, pixels.rows).to_pylist()
                for name in ("productId", "spectrum", "pixel")
            ]
            found += zip(pixels.spectrum.tolist(), zip(*columns, strict=True), strict=True)
        yield from (key for _, key in sorted(found, key=lambda each: each[0]))


def small_zones(size: int) -> ExitStack:
    """Return a context in which zones have few pixels, and chunks few spectra."""
    stack = ExitStack()
    for module in ("ranges", "statistics_writer"):
        stack.enter_context(patch(f"spectraldb.segments.{module}.ZONE", size))
    for name in ("FIRST_SPECTRA", "MAX_SPECTRA", "MAX_ROWS"):
        stack.enter_context(patch(f"spectraldb.segments.scan.{name}", size))
    for name in ("FIRST_ROWS", "MAX_ROWS"):
        stack.enter_context(patch(f"spectraldb.engines.segments.chunks.{name}", size))
    return stack


@settings(max_examples=80)
@given(
    tables=small_tables(),
    query=searches(),
    ids=st.none() | st.tuples(*[st.integers(0, 9)] * 2),
    zone=st.sampled_from([1, 2, 128]),
)
def test_scan_agrees_with_sql(
    duckdb_connection: DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    tables: SmallTables,
    query: PixelQuery,
    ids: tuple[int, int] | None,
    zone: int,
) -> None:
    query = replace(query, id_range=ids)
    with small_zones(zone):
        segments = segments_of(tables, tmp_path_factory.mktemp("segments"))
        scan = scan_of(tables, segments, query)
        found = list(keys_of(scan))
        counts = [scan.counts(ranges) for chunk in scan.chunks() for ranges in chunk]
    in_segments = replace(query, product_types=ALL_TYPES)
    assert found == tables.matching(duckdb_connection, in_segments)
    assert sum(int(each.sum()) for each in counts) == len(found)


@pytest.fixture(scope="module")
def long_spectra() -> SmallTables:
    """Return products of long spectra: ascending, descending and with gaps in wavelength."""
    rng = np.random.default_rng(5)
    products, spectra, pixels = [], [], []
    for product in range(6):
        unit = ["Jy", "MJy", None][product % 3]
        products.append(
            {
                "productId": product,
                "productType": "x1d",
                "fluxUnit": unit,
                "surfBrightUnit": "MJy/sr",
                "pixelArea": 1e-9,
            }
        )
        for number in range(3):
            n = int(rng.integers(1, 700))
            wavelength = np.linspace(1, 3, n) if number else np.linspace(3, 1, n)
            wavelength[rng.random(n) < [0, 0, 0.02][product % 3]] = np.nan
            rows: list[Row] = [
                {
                    "productId": product,
                    "spectrum": number,
                    "pixel": i + product,
                    "x": i,
                    "wavelength": None if np.isnan(wavelength[i]) else float(wavelength[i]),
                    "flux": float(flux),
                    "fluxErr": float(error) if error > 0.1 else None,
                    "surfBright": 0.0 if number == 1 else None,
                    "dq": int(rng.integers(0, 6)) if product < 3 else None,
                    "good": bool(rng.random() < 0.9),
                }
                for i, (flux, error) in enumerate(
                    zip(10 ** rng.normal(size=n), rng.random(n), strict=True)
                )
            ]
            pixels += rows
            spectra.append(
                {
                    "productId": product,
                    "spectrum": number,
                    "nGood": sum(row["good"] for row in rows),
                    **ranges_of(rows),
                }
            )
    return SmallTables(products, spectra, pixels)


CONDITIONS = (
    "wavelength=1.2,1.7",
    "wavelength.gt=1.5",
    "wavelength.lte=1",
    "wavelength.ne=1",
    "wavelength.isnull=true",
    "wavelength=1500,1600 nm",
    "flux.gte=1",
    "flux.lt=0.01",
    "flux.gte=1 mJy",
    "flux.lt=1e9 MJy/sr",
    "flux.gte=1e-20 W / (m2 um)",
    "fluxErr.lt=0.5",
    "fluxErr.isnull=false",
    "fluxErr.isnull=true",
    "snr.gt=10",
    "snr.between=1,2",
    "surfBright=0",
    "surfBright.isnull=true",
    "dq.has=1",
    "dq.lacks=1,4",
    "dq.isnull=true",
    "dq.ne=3",
    "dq.in=1,2,9",
    "good=true",
    "good=false",
    "x.gte=300",
    "pixel.lt=100",
    "spectrum=1",
    "nGood.gt=200",
    "y.isnull=true",
    "y.gte=1",
)


def test_scan_of_long_spectra_agrees_with_sql(
    duckdb_connection: DuckDBPyConnection,
    long_spectra: SmallTables,
    long_segments: list[Segment],
) -> None:
    @settings(max_examples=100, deadline=None)
    @given(texts=st.lists(st.sampled_from(CONDITIONS), max_size=4, unique=True))
    def agrees(texts: list[str]) -> None:
        pairs = [(name, value) for name, _, value in (text.partition("=") for text in texts)]
        query = parse_pixels(pairs, Settings(), unlimited=True)
        scan = scan_of(long_spectra, long_segments, query)
        expected = long_spectra.matching(duckdb_connection, query)
        assert list(keys_of(scan)) == expected
        counts = [scan.counts(ranges).sum() for chunk in scan.chunks() for ranges in chunk]
        assert sum(counts) == len(expected)

    agrees()


@pytest.fixture(scope="module")
def long_segments(
    long_spectra: SmallTables, tmp_path_factory: pytest.TempPathFactory
) -> list[Segment]:
    """Return two segments with the long spectra."""
    return segments_of(long_spectra, tmp_path_factory.mktemp("long"))


def test_whole_spectra_are_counted_without_their_pixels(
    long_spectra: SmallTables,
    long_segments: list[Segment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = parse_pixels([("flux.gt", "0")], Settings(), unlimited=True)
    scan = scan_of(long_spectra, long_segments, query)
    monkeypatch.setattr(Segment, "values", _refuse)
    counts = [scan.counts(ranges).sum() for chunk in scan.chunks() for ranges in chunk]
    assert sum(counts) == len(long_spectra.pixels)


def _refuse(*_: object) -> None:
    raise AssertionError("The scan reads pixels.")


def test_spectra_of_unknown_products_are_invisible(
    long_spectra: SmallTables, long_segments: list[Segment]
) -> None:
    known = replace(long_spectra, products=long_spectra.products[1:4:2])
    scan = scan_of(known, long_segments, parse_pixels([], Settings(), unlimited=True))
    assert {product for product, _, _ in keys_of(scan)} == {1, 3}


def test_nothing_is_found_without_segments(long_spectra: SmallTables) -> None:
    scan = scan_of(long_spectra, [], parse_pixels([], Settings(), unlimited=True))
    assert list(keys_of(scan)) == []


@pytest.mark.parametrize("name", ["wavelength", "flux", "snr", "surfBright", "dq", "pixel", "x"])
def test_values_are_those_of_the_rows(
    name: str, long_spectra: SmallTables, long_segments: list[Segment]
) -> None:
    scan = scan_of(long_spectra, long_segments, parse_pixels([], Settings(), unlimited=True))
    by_key = {key_of(row): row for row in long_spectra.pixels}
    found: dict[Key, object] = {}
    for chunk in scan.chunks():
        for ranges in chunk:
            pixels = scan.pixels(ranges)
            keys = zip(
                *(
                    pixels.segment.column(key, pixels.rows).to_pylist()
                    for key in ("productId", "spectrum", "pixel")
                ),
                strict=True,
            )
            found |= dict(
                zip(keys, pixels.segment.column(name, pixels.rows).to_pylist(), strict=True)
            )
    assert found == {key: pixel_value(row, name) for key, row in by_key.items()}
