"""Tests of the classification of files, and of the reasons for refusing them."""

from pathlib import Path

import pytest

from spectraldb.errors import RefusedError
from spectraldb.products.cubes import CubeProduct
from spectraldb.products.open import open_product
from spectraldb.products.product import Product
from spectraldb.products.slits import SlitProduct
from spectraldb.products.tables import TableProduct
from tests.support.layouts import BROKEN, LAYOUTS, Broken, Layout, write_layout

CLASSES: dict[str, type[Product]] = {"s2d": SlitProduct, "s3d": CubeProduct}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.key)
def test_every_layout_is_recognised(layout: Layout, tmp_path: Path) -> None:
    with open_product(write_layout(layout, tmp_path)) as product:
        assert product.product_type == layout.product_type
        assert product.file_name == layout.file_name
        assert type(product) is CLASSES.get(layout.product_type, TableProduct)
        absent = sum(s["nPixels"] == 0 for s in product.spectra())
        assert product.n_spectra - absent == layout.spectra
        assert product.units["flux"] == layout.flux_unit


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.key)
def test_broken_files_are_refused(broken: Broken, tmp_path: Path) -> None:
    path = write_layout(broken, tmp_path)
    with pytest.raises(RefusedError) as refused:
        open_product(path)
    assert broken.reason in str(refused.value).lower()


@pytest.mark.parametrize("size", [1, 80, 2880, 2881, 5760, 12_000])
def test_truncated_files_are_refused(size: int, tmp_path: Path) -> None:
    path = write_layout(next(x for x in LAYOUTS if x.key == "s3d-linear"), tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(RefusedError):
        open_product(path)


@pytest.mark.parametrize(("key", "other"), [("x1d-mos", "c1d"), ("s3d-linear", "x1d")])
def test_file_name_must_match_the_content(key: str, other: str, tmp_path: Path) -> None:
    layout = next(x for x in LAYOUTS if x.key == key)
    path = write_layout(layout, tmp_path)
    renamed = path.rename(path.with_name(path.name.replace(layout.product_type, other)))
    with pytest.raises(RefusedError, match=f"has the product type {other}"):
        open_product(renamed)
