"""The Parquet writer: full row groups, encodings, and removal of abandoned files."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectraldb.lake import parquet_writer
from spectraldb.lake.parquet_writer import ParquetWriter
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from tests.support.rows import pixel_rows

SCHEMA = SCHEMAS[Table.PIXEL]


@pytest.fixture(autouse=True)
def _small_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_writer, "ROW_GROUP", 10)


@pytest.mark.parametrize("parts", [[25], [3, 3, 3, 16], [10, 10, 5], [1] * 25])
def test_row_groups_are_full(tmp_path: Path, parts: list[int]) -> None:
    rows = pixel_rows(1, np.linspace(1, 2, 25).tolist())
    writer = ParquetWriter(tmp_path / "deep" / "a.parquet", SCHEMA, "x1d")
    start = 0
    for count in parts:
        writer.write(rows.slice(start, count))
        start += count
    writer.close()
    metadata = pq.read_metadata(writer.path)
    assert [metadata.row_group(i).num_rows for i in range(3)] == [10, 10, 5]
    assert pq.ParquetFile(writer.path).read().equals(rows)


@pytest.mark.parametrize(
    ("product_type", "wavelength"), [("x1d", "BYTE_STREAM_SPLIT"), ("s3d", "RLE_DICTIONARY")]
)
def test_encodings(tmp_path: Path, product_type: str, wavelength: str) -> None:
    writer = ParquetWriter(tmp_path / "a.parquet", SCHEMA, product_type)
    writer.write(pixel_rows(1, [1.0, 2.0, 3.0], x=[0, 1, 2]))
    writer.close()
    group = pq.read_metadata(writer.path).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    found = {column.path_in_schema: column for column in columns}
    assert wavelength in found["wavelength"].encodings
    assert "BYTE_STREAM_SPLIT" in found["flux"].encodings
    assert "DELTA_BINARY_PACKED" in found["x"].encodings
    assert "RLE_DICTIONARY" in found["productId"].encodings
    assert {column.compression for column in columns} == {"ZSTD"}
    assert found["productId"].statistics.has_min_max


def test_an_abandoned_file_is_deleted(tmp_path: Path) -> None:
    writer = ParquetWriter(tmp_path / "a.parquet", SCHEMA, "x1d")
    writer.write(pixel_rows(1, [1.0] * 15))
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_errors_of_the_thread_are_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    writer = ParquetWriter(tmp_path / "a.parquet", SCHEMA, "x1d")
    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    writer.write(pixel_rows(1, [1.0] * 10))
    with pytest.raises(OSError, match="No space"):
        writer.close()
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_rows(tmp_path: Path) -> None:
    writer = ParquetWriter(tmp_path / "a.parquet", SCHEMA, "x1d")
    writer.close()
    assert pq.ParquetFile(writer.path).read().equals(pa.table(SCHEMA.empty_table()))
