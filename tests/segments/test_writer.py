"""A segment is bit-identical to its Parquet file, with compact columns."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.lake.layout import segment_folder
from spectraldb.segments.format import Encoding
from spectraldb.segments.pixel_rows import PixelRows
from spectraldb.segments.reader import Segment
from spectraldb.segments.store import Segments
from spectraldb.service.service import Service
from tests.conftest import LAKES
from tests.segments.conftest import PIXELS, segment_of


def table(segment: Segment) -> pa.Table:
    """Return all pixels of a segment."""
    owners = np.repeat(np.arange(len(segment.spectra)), segment.count)
    rows = PixelRows(slice(0, len(owners)), owners)
    return pa.table([segment.column(name, rows) for name in PIXELS.names], schema=PIXELS)


def same_bits(left: pa.Table, right: pa.Table) -> bool:
    """Return whether tables are equal, including the signs of zeros."""
    floats = [f.name for f in left.schema if pa.types.is_floating(f.type)]
    signs = all(
        np.array_equal(np.signbit(left[n].fill_null(0.0)), np.signbit(right[n].fill_null(0.0)))
        for n in floats
    )
    return signs and left.equals(right)


@pytest.mark.parametrize("name", ["layouts", *LAKES])
def test_segments_equal_their_files(name: str, request: pytest.FixtureRequest) -> None:
    service: Service = request.getfixturevalue(f"{name}_optimized")
    segments = Segments(service.lake.store)
    for files in service.lake.snapshot().pixels.values():
        for file in files:
            segment = segments.of_file(file)
            assert segment is not None
            with pq.ParquetFile(file) as parquet:
                assert same_bits(table(segment), parquet.read().cast(PIXELS))


@pytest.mark.parametrize("name", LAKES)
def test_columns_of_cubes_are_compact(name: str, request: pytest.FixtureRequest) -> None:
    service: Service = request.getfixturevalue(f"{name}_optimized")
    (file,) = service.lake.snapshot().pixels["s3d"]
    segment = Segment.open(segment_folder(service.lake.folder, file))
    encodings = {name: column.encoding for name, column in segment._manifest.columns.items()}
    assert encodings["wavelength"] is Encoding.PLANE
    assert encodings["z"] is Encoding.PIXEL
    assert encodings["x"] is encodings["y"] is Encoding.CONSTANT
    assert encodings["surfBright"] is Encoding.ABSENT
    rows = PixelRows(slice(0, 1), np.zeros(1, int))
    assert segment.values("flux", rows).dtype == np.float32


FLOATS = st.one_of(
    st.none(),
    st.floats(allow_nan=False, width=32),
    st.floats(allow_nan=False),
    st.sampled_from([-0.0, 0.0, np.inf, -np.inf, 5e-324, 1.7e308]),
)
WHOLE = st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1), st.integers(0, 255))
LONG = st.one_of(st.none(), st.integers(0, 2**33), st.integers(250, 257))
VALUES = {"double": FLOATS, "int32": WHOLE, "int64": LONG, "bool": st.none() | st.booleans()}


@st.composite
def pixels(draw: st.DrawFn) -> pa.Table:
    """Draw the pixels of a few spectra of a few products, in order."""
    spectra = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    per_product = draw(st.integers(1, 3))
    n = sum(spectra)
    owner = np.repeat(np.arange(len(spectra)), spectra)
    columns: dict[str, Any] = {
        "productId": owner // per_product,
        "spectrum": owner % per_product,
        "pixel": np.concatenate([np.arange(count) for count in spectra]),
    }
    for field in PIXELS:
        if field.name not in columns:
            values: st.SearchStrategy[Any] = VALUES[str(field.type)]
            one = draw(st.booleans())
            columns[field.name] = (
                [draw(values)] * n if one else draw(st.lists(values, min_size=n, max_size=n))
            )
    return pa.table({n: pa.array(v, PIXELS.field(n).type) for n, v in columns.items()}, PIXELS)


@settings(max_examples=60)
@given(rows=pixels())
def test_any_values_are_read_as_written(
    rows: pa.Table, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert same_bits(table(segment_of(tmp_path_factory.mktemp("segment"), rows)), rows)


def test_non_contiguous_spectra_are_refused(tmp_path: Path) -> None:
    rows = pa.Table.from_pylist(
        [{"productId": p, "spectrum": 0, "pixel": i} for i, p in enumerate([1, 2, 1])],
        schema=PIXELS,
    )
    with pytest.raises(ValueError, match="are not consecutive"):
        segment_of(tmp_path, rows)
    assert not (tmp_path / "segment").exists()
