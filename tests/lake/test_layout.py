"""The names of files and folders in a lake."""

from pathlib import Path

import pytest

from spectraldb.lake import layout
from spectraldb.schema.tables import Table

FILE = "/lake/SpectralPixel/productType=x1d/0123abcd.parquet"


def test_log_entries() -> None:
    name = layout.commit_file(Table.PRODUCT, 12)
    assert name == "DataProduct/_delta_log/00000000000000000012.json"
    assert layout.is_log(name)
    assert layout.is_log("SpectralPixel/_delta_log/_last_checkpoint")
    assert not layout.is_log("SpectralPixel/productType=x1d/_delta_log.parquet")


@pytest.mark.parametrize("product_type", ["x1d", "s3d"])
def test_partitions(product_type: str) -> None:
    folder = layout.partition_folder(product_type)
    assert folder == f"productType={product_type}"
    assert layout.product_type_of(f"{folder}/a.parquet") == product_type
    assert layout.product_type_of(f"/lakes/productType=no/{folder}/a.parquet") == product_type


def test_a_segment_and_a_sorted_copy_are_named_after_their_file() -> None:
    lake = Path("/lake")
    for file in (FILE, "productType=x1d/0123abcd.parquet"):
        assert layout.segment_folder(lake, file) == Path("/lake/segments/0123abcd")
        assert layout.sorted_copy(lake, file) == Path("/lake/by-wavelength/0123abcd.parquet")


def test_copies_are_named_after_their_bytes() -> None:
    name = layout.copy_name(f"sha256:{'0123456789abcdef' * 4}", "a b_x1d.fits")
    assert name == f"files/{'0123456789abcdef' * 2}/a b_x1d.fits"
    assert layout.is_copy_name(name)
    assert not layout.is_copy_name("fetched/files/a.fits")
    assert not layout.is_copy_name("files")
