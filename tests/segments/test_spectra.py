"""The table of the spectra of several segments, and its reuse for later versions."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from spectraldb.lake.product_table import ProductTable
from spectraldb.segments.reader import Segment
from spectraldb.segments.spectra import MAX_TABLES, SpectrumTable, SpectrumTables
from tests.segments.conftest import pixel_table, segment_of


def products(*ids: int) -> ProductTable:
    """Return products with these numbers."""
    return ProductTable(pa.table({"productId": pa.array(ids, pa.int64())}))


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[Segment]:
    """Return two segments, with products 1, 3, 5 and 2, 4, each of two spectra of two pixels."""
    return [
        _segment(tmp_path_factory.mktemp("odd"), [1, 3, 5]),
        _segment(tmp_path_factory.mktemp("even"), [2, 4]),
    ]


def _segment(folder: Path, ids: list[int]) -> Segment:
    n = 4 * len(ids)
    return segment_of(
        folder,
        pixel_table(
            productId=np.repeat(ids, 4),
            spectrum=np.arange(n) // 2 % 2,
            pixel=np.arange(n) % 2,
            wavelength=np.arange(n) / 10,
            flux=np.ones(n),
        ),
    )


def test_spectra_are_in_the_order_of_results(segments: list[Segment]) -> None:
    table = SpectrumTable(segments, products(1, 2, 3, 4, 5))
    assert table.product_id.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert table.column("spectrum").to_pylist() == [0, 1] * 5
    assert table.segment_index.tolist() == [0, 0, 1, 1, 0, 0, 1, 1, 0, 0]
    assert (table.n_pixels, table.n_products) == (20, 5)
    assert table.rows_of_products(np.array([3, 1])).tolist() == [2, 3, 6, 7]
    for index, segment in enumerate(segments):
        rows = table.indices_of(index)
        assert table.product_id[rows].tolist() == segment.product_id.tolist()
        assert table.products_of(index).tolist() == (segment.product_id - 1).tolist()


def test_unknown_products_are_left_out(segments: list[Segment]) -> None:
    table = SpectrumTable(segments, products(2, 5))
    assert table.product_id.tolist() == [2, 2, 5, 5]
    assert table.indices_of(0).tolist() == [-1, -1, -1, -1, 2, 3]


def test_version_with_more_products_shares_the_table(segments: list[Segment]) -> None:
    tables = SpectrumTables()
    first = tables.of(segments, products(1, 2, 3, 4, 5))
    order, _ = first.sorted("spectrum")
    more = products(1, 2, 3, 4, 5, 6)
    later = tables.of(segments, more)
    assert later.sorted("spectrum")[0] is order
    assert later.products is more
    assert tables.of(segments, more) is later


def test_other_versions_have_their_own_table(segments: list[Segment]) -> None:
    tables = SpectrumTables()
    first = tables.of(segments, products(1, 2, 3))
    grown = tables.of(segments, products(1, 2, 3, 4))  # of which there are spectra
    assert (len(first), len(grown)) == (6, 8)
    assert len(tables.of(segments, products(2, 3, 4))) == 6
    assert len(tables.of(segments[:1], products(1, 2, 3))) == 4


def test_few_tables_are_stored(segments: list[Segment]) -> None:
    tables = SpectrumTables()
    versions = [products(number) for number in range(MAX_TABLES + 1)]
    first = tables.of(segments, versions[0])
    assert tables.of(segments, versions[0]) is first
    for version in versions[1:]:
        tables.of(segments, version)
    assert tables.of(segments, versions[0]) is not first
