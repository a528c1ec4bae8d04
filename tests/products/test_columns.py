"""Tests of the arrays of every product, compared with the arrays from astropy."""

from pathlib import Path
from typing import Any

import numpy as np

from spectraldb.products.open import open_product
from spectraldb.products.product import Product
from spectraldb.schema.columns import camel_case
from tests.support.oracle import expected_arrays
from tests.support.product_files import ProductFile, for_files, path_of

COORDINATES = {"wavelength", "ra", "dec"}


@for_files("x1d", "c1d", "x1dints")
def test_arrays_of_tables(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    expected = expected_arrays(path)
    with open_product(path) as product:
        columns = {column.fits_ext: column for column in product.columns()}
        if product.n_spectra > 1:
            first, *_ = product.columns()
            numbers = np.repeat(np.arange(product.n_spectra), expected.lengths)
            assert first.name == "spectrum"
            np.testing.assert_array_equal(first.read(), numbers)
            del columns[first.fits_ext]
        assert list(columns) == list(expected.arrays)
        for name, values in expected.arrays.items():
            assert columns[name].name == camel_case(name)
            assert columns[name].shape == values.shape
            assert_same(columns[name].read(), values)


@for_files("x1d", "c1d", "x1dints")
def test_one_spectrum_of_tables(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    expected = expected_arrays(path)
    ends = np.cumsum(expected.lengths)
    with open_product(path) as product:
        for number in {0, product.n_spectra // 2, product.n_spectra - 1}:
            part = slice(ends[number] - expected.lengths[number], ends[number])
            for column in table_columns(product, number):
                assert_same(column.read(), expected.arrays[column.fits_ext][part])


def table_columns(product: Any, spectrum: int) -> list[Any]:
    return list(product.columns(spectrum))


@for_files("x1dints", "x1d", "c1d")
def test_metadata_of_spectra(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    expected = expected_arrays(path)
    with open_product(path) as product:
        spectra: Any = product.spectra()
        assert [each["spectrum"] for each in spectra] == list(range(product.n_spectra))
        assert [each["nPixels"] for each in spectra] == expected.lengths
        for column in product.row_columns():
            values = expected.per_spectrum[column.fits_ext]
            np.testing.assert_array_equal([each[column.name] for each in spectra], values)
        for number in {0, product.n_spectra - 1}:
            assert repr(one_spectrum(product, number)) == repr([spectra[number]])


def one_spectrum(product: Any, number: int) -> Any:
    return product.spectra(number)


@for_files("s2d", "s3d")
def test_arrays_of_images(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    expected = expected_arrays(path)
    with open_product(path) as product:
        columns = {column.fits_ext: column for column in image_columns(product)}
        assert list(columns) == list(expected.arrays)
        for name, values in expected.arrays.items():
            assert columns[name].name == camel_case(name)
            if columns[name].ragged:
                for slit, image in zip(columns[name].chunks(), values, strict=True):
                    assert_same(slit, image)
            else:
                assert columns[name].shape == values.shape
                assert_same(columns[name].read(), values)


def image_columns(product: Product) -> list[Any]:
    """Return the columns that are image extensions."""
    return [c for c in product.columns() if c.name not in COORDINATES or c.fits_ext == "WAVELENGTH"]


def assert_same(values: Any, expected: Any) -> None:
    expected = np.asarray(expected)
    if expected.dtype.kind != "U":
        assert values.dtype == expected.dtype.newbyteorder("=")
    np.testing.assert_array_equal(values, expected)
