"""Tests of physical values: scale, zero point and byte order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectraldb.fits.values import native, physical_values


@given(
    st.sampled_from(["i2", "i4", "i8"]),
    st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=9),
)
def test_unsigned_integers(dtype: str, numbers: list[int]) -> None:
    raw = np.array(numbers, f">{dtype}")
    bits = raw.dtype.itemsize * 8
    values = physical_values(raw, 1, 2.0 ** (bits - 1))
    assert values.dtype == f"u{bits // 8}"
    assert values.tolist() == [n + 2 ** (bits - 1) for n in numbers]


def test_scale_and_zero() -> None:
    assert physical_values(np.array([1, 2], ">i2"), 0.5, 10).tolist() == [10.5, 11.0]


@pytest.mark.parametrize("dtype", [">f4", "<f4", ">f8", ">i4", "u1"])
def test_unscaled_values_are_unchanged(dtype: str) -> None:
    raw = np.arange(6).astype(dtype).reshape(2, 3)
    values = physical_values(raw, 1.0, 0.0)
    assert values.dtype.isnative
    np.testing.assert_array_equal(values, raw)
    np.testing.assert_array_equal(native(raw), raw)


@given(
    st.sampled_from(["u1", "i2", "i4", "i8"]),
    st.lists(st.integers(0, 3), min_size=1, max_size=9),
    st.sampled_from([(1.0, 0.0), (0.5, 10.0), (1.0, 2.0**15)]),
)
def test_missing_values(dtype: str, numbers: list[int], scaling: tuple[float, float]) -> None:
    values = physical_values(np.array(numbers, f">{dtype}"), *scaling, null=2)
    scale, zero = scaling
    expected = [np.nan if n == 2 else n * scale + zero for n in numbers]
    np.testing.assert_array_equal(values, expected)
    assert values.dtype == "f8"


def test_floats_have_no_integer_for_missing_values() -> None:
    assert physical_values(np.array([1.0, 2.0], ">f4"), 1, 0, null=2).tolist() == [1, 2]
