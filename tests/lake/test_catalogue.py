"""The catalogue of products: by URI, by file name, by type; units and ranges of numbers."""

import pytest

from spectraldb.lake.catalogue import Catalogue
from tests.support.rows import product_record, product_rows

RECORDS = [
    product_record(1, fileName="a_x1d.fits", fluxUnit="Jy", nStored=10),
    product_record(3, fileName="b_s3d.fits", productType="s3d", fluxUnit="MJy", nStored=100),
    product_record(4, fileName="c_x1d.fits.gz", fluxUnit="Jy", nStored=20),
    product_record(7, fileName="same_x1d.fits", uri="local:1/same_x1d.fits", nStored=30),
    product_record(9, fileName="same_x1d.fits", uri="local:2/same_x1d.fits", nStored=5),
]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(product_rows(*RECORDS))


def test_all_products_in_order(catalogue: Catalogue) -> None:
    assert catalogue.all() == RECORDS


def test_by_uri(catalogue: Catalogue) -> None:
    for record in RECORDS:
        assert catalogue.by_uri(record.uri) == record
    assert catalogue.by_uri("mast:JWST/product/other_x1d.fits") is None


def test_by_file_name(catalogue: Catalogue) -> None:
    assert catalogue.by_file_name("a_x1d.fits") == [RECORDS[0]]
    assert catalogue.by_file_name("same_x1d.fits") == RECORDS[3:]
    assert catalogue.by_file_name("other_x1d.fits") == []


def test_a_compressed_file_has_two_names(catalogue: Catalogue) -> None:
    assert catalogue.by_file_name("c_x1d.fits.gz") == [RECORDS[2]]
    assert catalogue.by_file_name("c_x1d.fits") == [RECORDS[2]]


@pytest.mark.parametrize("text", ["b_s3d.fit", "B_S3D.FITS", "mast:JWST/product/bb_s3d.fits"])
def test_nearest_name(catalogue: Catalogue, text: str) -> None:
    assert catalogue.nearest(text) == RECORDS[1].uri


def test_no_name_is_near(catalogue: Catalogue) -> None:
    assert catalogue.nearest("jw01234-o001_t001_miri_ch1_s3d.fits") is None
    assert Catalogue(product_rows()).nearest("a_x1d.fits") is None


def test_units(catalogue: Catalogue) -> None:
    assert catalogue.units("fluxUnit") == ["Jy", "MJy"]
    assert catalogue.units("fluxUnit", {"x1d"}) == ["Jy"]
    assert catalogue.units("fluxUnit", {"s2d"}) == []
    assert catalogue.units("surfBrightUnit") == []


def test_ranges_of_numbers(catalogue: Catalogue) -> None:
    every = {"x1d", "s3d"}
    assert catalogue.id_ranges(every, 1) == [(r.product_id, r.product_id) for r in RECORDS]
    assert catalogue.id_ranges(every, 10**6) == [(1, 9)]
    assert catalogue.id_ranges({"x1d"}, 30) == [(1, 4), (7, 7), (9, 9)]
    assert catalogue.id_ranges({"x1d"}, 31) == [(1, 7), (9, 9)]
    assert catalogue.id_ranges({"c1d"}, 10) == []


def test_every_product_is_in_one_range(catalogue: Catalogue) -> None:
    for n_pixels in (1, 7, 25, 60, 165):
        ranges = catalogue.id_ranges({"x1d", "s3d"}, n_pixels)
        found = [
            r.product_id for low, high in ranges for r in RECORDS if low <= r.product_id <= high
        ]
        assert found == [record.product_id for record in RECORDS]
