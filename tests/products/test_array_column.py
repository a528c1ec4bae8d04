"""Tests of the arrays of products: types, chunks and metadata."""

import numpy as np
import pytest

from spectraldb.products.array_column import (
    ArrayColumn,
    computed_column,
    dtype_name,
    numpy_type,
)

NAMES = {"f8": "float", "f4": "float32", "?": "bool", "i2": "int16", "u4": "uint32"}


@pytest.mark.parametrize(("dtype", "name"), NAMES.items())
def test_dtype_names(dtype: str, name: str) -> None:
    assert dtype_name(np.dtype(dtype)) == name
    assert numpy_type(name) == np.dtype(dtype)


def test_text_types_have_the_same_name() -> None:
    assert dtype_name(np.dtype("U5")) == dtype_name(np.dtype("S3")) == "string"


def test_read_concatenates_chunks() -> None:
    chunks = [np.array([1, 2]), np.array([3])]
    column = ArrayColumn("n", "N", "int64", (3,), lambda: iter(chunks))
    assert column.read().tolist() == [1, 2, 3]
    assert column.read().tolist() == [1, 2, 3]  # a second read starts again


def test_metadata() -> None:
    column = ArrayColumn(
        "flux", "FLUX", "float", (3,), lambda: iter(()), "MJy", "Jy", "a flux", "spectrum"
    )
    assert column.metadata() == {
        "dtype": "float",
        "description": "a flux",
        "units": "MJy",
        "fitsExt": "FLUX",
        "fitsUnits": "Jy",
        "per": "spectrum",
    }


def test_computed_columns() -> None:
    values = np.zeros((2, 3), "f4")
    column = computed_column("ra", values, "deg", "right ascension", "SCI")
    assert column.read() is values
    assert column.shape == (2, 3)
    assert column.metadata() == {
        "dtype": "float32",
        "description": "right ascension",
        "units": "deg",
        "fitsExt": "SCI",
    }
    assert computed_column("n", values, "", "").fits_ext == "derived"
