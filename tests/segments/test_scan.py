"""The scan of segments reads every pixel that can match once, in the order of results."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable
from spectraldb.query.model import PixelQuery
from spectraldb.query.pruning import ALL_IDS, Interval, Pruning, RangeFilter, pruning_of
from spectraldb.schema.tables import Table
from spectraldb.segments import scan as scan_module
from spectraldb.segments.reader import Segment
from spectraldb.segments.scan import (
    FIRST_ROWS,
    MAX_MATCHING,
    MAX_ROWS,
    FilterEvaluator,
    PixelScan,
    SpectrumSelection,
    chunk_limits,
    scan_segments,
)
from tests.segments.conftest import segment_of
from tests.support.small_tables import (
    Key,
    Row,
    SmallTables,
    key_of,
    pixel_value,
    searches,
    small_tables,
)

ALL = Pruning(frozenset({"x1d"}))


def evaluator(connection: DuckDBPyConnection) -> FilterEvaluator:
    """Return an evaluator of conditions that uses DuckDB."""

    def evaluate(rows: pa.Table, conditions: object, alias: str) -> Array:
        assert isinstance(conditions, tuple)
        sql = exp.select("_row").from_(exp.alias_(exp.to_table("rows_"), alias, table=True))
        numbered = rows.append_column("_row", pa.array(np.arange(len(rows))))
        with connection.cursor() as cursor:
            cursor.register("rows_", numbered)
            found = cursor.sql(sql.where(*conditions).sql(dialect="duckdb")).fetchall()
        return np.isin(np.arange(len(rows)), [row for (row,) in found])

    return evaluate


def segments_of(tables: SmallTables, folder: Path) -> list[Segment]:
    """Return two segments, each with the pixels of every second product."""
    segments: list[Segment] = []
    ids = [row["productId"] for row in tables.products]
    for part in (ids[::2], ids[1::2]):
        pixels = [row for row in tables.pixels if row["productId"] in part]
        if pixels:
            spectra = [row for row in tables.spectra if row["productId"] in part]
            folder_of_part = folder / str(len(segments))
            segments.append(
                segment_of(
                    folder_of_part,
                    tables.table(Table.PIXEL, pixels),
                    tables.table(Table.SPECTRUM, spectra),
                )
            )
    return segments


def keys_with_ranks(scan: PixelScan) -> Iterator[tuple[Key, int]]:
    """Yield the key of each pixel of a scan, with the rank of its spectrum."""
    for chunk in scan.chunks():
        for pixels in chunk:
            columns = [
                pixels.segment.column(name, pixels.rows).to_pylist()
                for name in ("productId", "spectrum", "pixel")
            ]
            yield from zip(zip(*columns, strict=True), pixels.ranks.tolist(), strict=True)


@settings(max_examples=60)
@given(tables=small_tables(), query=searches(), ids=st.none() | st.tuples(*[st.integers(0, 9)] * 2))
def test_every_matching_pixel_is_read_once_and_in_order(
    duckdb_connection: DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    tables: SmallTables,
    query: PixelQuery,
    ids: tuple[int, int] | None,
) -> None:
    query = replace(query, id_range=ids)
    pruning = pruning_of(query, tables.units)
    segments = segments_of(tables, tmp_path_factory.mktemp("segments"))
    products = ProductTable(tables.table(Table.PRODUCT))
    scan = scan_segments(segments, pruning, products, evaluator(duckdb_connection))
    found = dict(keys_with_ranks(scan))
    assert len(found) == sum(1 for _ in keys_with_ranks(scan))
    matching = tables.matching(
        duckdb_connection, replace(query, product_types=frozenset({"x1d", "s2d"}))
    )
    assert found.keys() >= set(matching)
    by_rank = sorted(found, key=lambda key: (found[key], key[2]))
    assert by_rank == sorted(found)
    pixels = {key_of(pixel): pixel for pixel in tables.pixels}
    assert_selected(pruning, [tables.spectrum_of(pixels[key]) for key in found], tables)
    assert_within_bounds(scan, [pixels[key] for key in found])


def assert_selected(pruning: Pruning, spectra: list[Row], tables: SmallTables) -> None:
    """Assert that the ranges of the scanned spectra overlap the filters."""
    for spectrum in spectra:
        assert pruning.id_range[0] <= spectrum["productId"] <= pruning.id_range[1]
        for filter_ in pruning.ranges:
            is_pixel = filter_.table is Table.PIXEL
            suffixes = ("Low", "High") if is_pixel else ("", "")
            low, high = (spectrum[f"{filter_.name}{suffix}"] for suffix in suffixes)
            unit = tables.product_of(spectrum).get(filter_.unit_column)
            assert low is not None
            assert any(
                low <= interval.high and high >= interval.low
                for interval in filter_.intervals
                if not filter_.unit_column or interval.unit == unit
            )


def assert_within_bounds(scan: PixelScan, pixels: list[Row]) -> None:
    """Assert that the pixels are within the bounds, or that too many are to select single ones."""
    within = [
        all(
            (value := pixel_value(pixel, name)) is not None and low <= value <= high
            for name, (low, high) in scan.bounds.items()
        )
        for pixel in pixels
    ]
    # Each segment of each chunk decides independently; here, there is one chunk.
    (chunk,) = list(scan.chunks()) or [[]]
    first = 0
    for part in chunk:
        inside = within[first : first + len(part.rows)]
        assert all(inside) or sum(inside) > MAX_MATCHING * len(inside)
        first += len(part.rows)


def test_spectra_of_unknown_products_are_invisible(
    segment: Segment, duckdb_connection: DuckDBPyConnection
) -> None:
    rows = pa.table({"productId": pa.array([1, 3, 99], pa.int64())})
    scan = scan_segments([segment], ALL, ProductTable(rows), evaluator(duckdb_connection))
    assert {product for (product, _, _), _ in keys_with_ranks(scan)} == {1, 3}


def test_bounds_of_a_number_are_the_overlap_of_its_filters(
    segment: Segment, duckdb_connection: DuckDBPyConnection
) -> None:
    filters = tuple(
        RangeFilter("wavelength", Table.PIXEL, (Interval(low, high),))
        for low, high in ((1.2, 9.0), (0.0, 1.5))
    )
    rows = pa.table({"productId": pa.array(range(8), pa.int64())})
    scan = scan_segments(
        [segment], replace(ALL, ranges=filters), ProductTable(rows), evaluator(duckdb_connection)
    )
    assert scan.bounds == {"wavelength": (1.2, 1.5)}
    for chunk in scan.chunks():
        for pixels in chunk:
            values = segment.values("wavelength", pixels.rows)
            within = (values >= 1.2) & (values <= 1.5)
            assert np.all(within) or np.mean(within) > MAX_MATCHING


def test_id_range_selects_products(segment: Segment, duckdb_connection: DuckDBPyConnection) -> None:
    rows = pa.table({"productId": pa.array(range(8), pa.int64())})
    evaluate = evaluator(duckdb_connection)
    for low, high in (ALL_IDS, (2, 4), (9, 12)):
        pruning = replace(ALL, id_range=(low, high))
        scan = scan_segments([segment], pruning, ProductTable(rows), evaluate)
        found = {product for (product, _, _), _ in keys_with_ranks(scan)}
        assert found == {product for product in range(8) if low <= product <= high}


@given(counts=st.lists(st.integers(0, 50) | st.integers(0, 400)), size=st.integers(1, 300))
def test_chunks_are_as_long_as_their_limit_allows(counts: list[int], size: int) -> None:
    limits = list(chunk_limits(np.array(counts, np.int64), size))
    assert [begin for begin, _ in limits] == [0, *(end for _, end in limits)][: len(limits)]
    assert (limits[-1][1] if limits else 0) == len(counts)
    for begin, end in limits:
        assert end > begin
        assert end - begin == 1 or sum(counts[begin:end]) <= size
        assert end == len(counts) or sum(counts[begin : end + 1]) > size
        size = min(2 * size, MAX_ROWS)


@pytest.mark.parametrize(("bounds", "size"), [({}, FIRST_ROWS), ({"flux": (0.0, 1.0)}, MAX_ROWS)])
def test_first_chunk_is_short_without_bounds(
    monkeypatch: pytest.MonkeyPatch, bounds: dict[str, tuple[float, float]], size: int
) -> None:
    sizes: list[int] = []

    def limits(_: Array, size: int) -> Iterator[tuple[int, int]]:
        sizes.append(size)
        return iter(())

    monkeypatch.setattr(scan_module, "chunk_limits", limits)
    empty = np.empty(0, np.intp)
    scan = PixelScan([], SpectrumSelection(empty, empty, empty, empty), bounds)
    assert list(itertools.chain.from_iterable(scan.chunks())) == []
    assert sizes == [size]
