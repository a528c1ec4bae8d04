"""Data files: one per table and product type, visible only when they are complete."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from spectraldb.derive.rows import Rows
from spectraldb.errors import LakeError
from spectraldb.lake.data_files import DataFileWriter, RowWriter
from spectraldb.schema.tables import Table
from spectraldb.storage.folder_store import FolderStore
from spectraldb.storage.store import Store
from tests.support.rows import pixel_rows, spectrum_rows


def rows(product_id: int, n_pixels: int = 3) -> Rows:
    return Rows(spectrum_rows(product_id), pixel_rows(product_id, [1.0] * n_pixels))


def test_a_file_is_temporary_until_it_is_closed(store: Store) -> None:
    writer = DataFileWriter(store, Table.PIXEL, "x1d")
    writer.write(pixel_rows(7, [1.0, 2.0]))
    assert not list(store.folder.rglob("*.parquet"))
    file = writer.close()
    assert (file.table, file.product_type, file.rows) == (Table.PIXEL, "x1d", 2)
    assert file.path.startswith("productType=x1d/")
    assert store.stat(f"SpectralPixel/{file.path}").size == file.size
    stats = json.loads(file.stats)
    assert (stats["numRecords"], stats["minValues"]["productId"]) == (2, 7)


def test_one_file_per_table_and_type(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with RowWriter(store) as writer:
        for number, product_type in ((1, "x1d"), (2, "s3d"), (3, "x1d")):
            writer.write(rows(number), product_type)
        files = writer.close()
    assert {(f.table, f.product_type): f.rows for f in files} == {
        (Table.SPECTRUM, "x1d"): 2,
        (Table.PIXEL, "x1d"): 6,
        (Table.SPECTRUM, "s3d"): 1,
        (Table.PIXEL, "s3d"): 3,
    }
    for file in files:
        assert len(pq.ParquetFile(tmp_path / file.table.value / file.path).read()) == file.rows


def test_a_block_without_pixels_has_no_file_of_pixels(tmp_path: Path) -> None:
    with RowWriter(FolderStore(tmp_path)) as writer:
        writer.write(rows(1, n_pixels=0), "x1d")
        assert [file.table for file in writer.close()] == [Table.SPECTRUM]


def write_and_fail(store: Store, *, close: bool) -> None:
    with RowWriter(store) as writer:
        writer.write(rows(1), "x1d")
        if close:
            writer.close()
        raise KeyError


@pytest.mark.parametrize("close", [False, True])
def test_an_error_deletes_the_files(tmp_path: Path, *, close: bool) -> None:
    with pytest.raises(KeyError):
        write_and_fail(FolderStore(tmp_path), close=close)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_full_disk_is_an_error_of_the_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(LakeError, match="No space left"):
        write_and_fail(FolderStore(tmp_path), close=True)
