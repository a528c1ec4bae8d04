"""A segment holds what its Parquet file holds, to the last bit."""

import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.cancellation import Cancellation
from spectraldb.errors import LimitError
from spectraldb.lake.data_files import DataFileWriter
from spectraldb.lake.layout import segment_folder
from spectraldb.lake.snapshot import Snapshot
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.columns import RANGED
from spectraldb.schema.tables import Table
from spectraldb.segments.format import MANIFEST, Encoding
from spectraldb.segments.reader import PixelRows, Segment
from spectraldb.segments.store import Segments
from spectraldb.segments.writer import write_segment
from spectraldb.segments.zones import rows_of_spectra
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.folder_store import FolderStore

PIXELS, SPECTRA = SCHEMAS[Table.PIXEL], SCHEMAS[Table.SPECTRUM]


def table(segment: Segment) -> pa.Table:
    """Return all pixels of a segment."""
    rows = rows_of_spectra(segment, np.arange(len(segment.spectra)))
    return pa.table([segment.column(name, rows) for name in PIXELS.names], schema=PIXELS)


def optimized_copy(service: Service, place: Path) -> Snapshot:
    """Copy a lake, put the copy in order, and return what it is then."""
    shutil.copytree(service.lake.folder, place)
    copy = Service(Settings(lake=place))
    copy.optimize(grace=0)
    snapshot = copy.lake.snapshot()
    copy.close()
    return snapshot


def same_bits(left: pa.Table, right: pa.Table) -> bool:
    """Tell whether tables are equal, the signs of zeros too."""
    floats = [f.name for f in left.schema if pa.types.is_floating(f.type)]
    signs = all(
        np.array_equal(np.signbit(left[n].fill_null(0.0)), np.signbit(right[n].fill_null(0.0)))
        for n in floats
    )
    return signs and left.equals(right)


@pytest.mark.parametrize("lake_name", ["real", "layouts"])
def test_segments_hold_what_their_files_hold(
    lake_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    service: Service = request.getfixturevalue(lake_name)
    snapshot = optimized_copy(service, tmp_path / "lake")
    for files in snapshot.pixels.values():
        for file in files:
            segment = Segments(FolderStore(tmp_path / "lake")).of_file(file)
            assert segment is not None
            with pq.ParquetFile(file) as parquet:
                assert same_bits(table(segment), parquet.read().cast(PIXELS))


def test_columns_are_encoded_compactly(real: Service, tmp_path: Path) -> None:
    (file,) = optimized_copy(real, tmp_path / "lake").pixels["s3d"]
    folder = segment_folder(tmp_path / "lake", file)
    segment = Segment.open(folder)
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
    """Draw the pixels of a few spectra of a few products, one after the other."""
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


@settings(max_examples=60, deadline=None)
@given(rows=pixels())
def test_any_values_come_back(rows: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("segment")
    written(folder, rows)
    assert same_bits(table(Segment.open(folder / "segment")), rows)


def written(folder: Path, rows: pa.Table) -> None:
    """Write rows of pixels and their segment."""
    store = FolderStore(folder)
    file = DataFileWriter(store, Table.PIXEL, "x1d")
    file.write(rows)
    path = folder / Table.PIXEL.value / file.close().path
    keys = rows.select(["productId", "spectrum"]).group_by(["productId", "spectrum"]).aggregate([])
    spectra = pa.Table.from_pylist(keys.to_pylist(), schema=SPECTRA)
    write_segment(store, path, spectra, folder / "segment")


def test_zones_are_exact(real: Service, tmp_path: Path) -> None:
    (file,) = optimized_copy(real, tmp_path / "lake").pixels["x1d"]
    segment = Segment.open(segment_folder(tmp_path / "lake", file))
    rows = rows_of_spectra(segment, np.arange(len(segment.spectra)))
    for name in (column.name for column in RANGED):
        zones = segment.zones(name)
        if zones is None:
            continue
        values = segment.values(name, rows)
        for i, (low, high) in enumerate(zip(*zones, strict=True)):
            zone = values[128 * i : 128 * (i + 1)]
            held = zone[~np.isnan(zone)]
            expected = (held.min(), held.max()) if len(held) else (np.nan, np.nan)
            assert np.array_equal((low, high), expected, equal_nan=True)


def test_spectra_in_pieces_are_refused(tmp_path: Path) -> None:
    rows = pa.Table.from_pylist(
        [{"productId": p, "spectrum": 0, "pixel": i} for i, p in enumerate([1, 2, 1])],
        schema=PIXELS,
    )
    with pytest.raises(ValueError, match="do not follow each other"):
        written(tmp_path, rows)
    assert not (tmp_path / "segment").exists()


@pytest.mark.parametrize("harm", ["format", "cut", "gone", "nonsense"])
def test_a_segment_that_is_not_whole_is_passed_over(
    lake: Service, real_folder: Path, harm: str
) -> None:
    lake.ingest([next(real_folder.glob("*x1d.fits"))])
    before = lake.search([("limit", "9")]).rows
    lake.optimize(grace=0)
    (file,) = lake.lake.snapshot().pixels["x1d"]
    folder = segment_folder(lake.lake.folder, file)
    manifest = folder / MANIFEST
    if harm == "format":
        manifest.write_text(manifest.read_text().replace('"format":2', '"format":0'))
    elif harm == "cut":
        (folder / "flux.npy").write_bytes((folder / "flux.npy").read_bytes()[:-8])
    elif harm == "gone":
        (folder / "flux.npy").unlink()
    else:
        manifest.write_text("{")
    assert Segments(lake.lake.store).of_file(file) is None
    assert lake.search([("limit", "9")]).rows.equals(before)
    assert lake.optimize().segments == 1  # written anew
    assert lake.search([("limit", "9")]).rows.equals(before)


def test_a_server_opens_them_before_the_first_request(
    lake: Service, real_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.ingest([next(real_folder.glob("*x1d.fits"))])
    lake.optimize(grace=0)
    opened: list[Path] = []

    open_segment = Segment.open

    def note(folder: Path) -> Segment:
        opened.append(folder)
        return open_segment(folder)

    with closing(Service(lake.settings)) as service:
        monkeypatch.setattr(Segment, "open", note)
        service.warm()
        (folder,) = opened
        assert folder == segment_folder(lake.lake.folder, lake.lake.snapshot().pixels["x1d"][0])
        assert service.count([]).pixels
        assert opened == [folder]


def test_the_time_limit_holds_while_segments_come(
    lake: Service, real_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.ingest([next(real_folder.glob("*x1d.fits"))])
    lake.optimize(grace=0)

    def never_here(path: Path, cancel: Cancellation) -> bool:
        for _ in range(2000):
            cancel.check()
            time.sleep(0.01)
        return False

    quick = lake.settings.model_copy(update={"time_limit": 0.2})
    with closing(Service(quick)) as service:
        monkeypatch.setattr(service.lake.store, "localize_folder", never_here)
        with pytest.raises(LimitError):
            service.search([])
