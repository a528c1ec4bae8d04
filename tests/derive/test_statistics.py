"""Tests of the statistics of spectra: definitions and edge cases."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spectraldb.derive import statistics
from tests.support import oracle

VALUES = st.floats(-1e6, 1e6) | st.just(float("nan"))
ROWS = hnp.arrays("f8", hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=VALUES)


@given(ROWS)
def test_median(values: Any) -> None:
    expected = [np.nan if np.isnan(row).all() else np.nanmedian(row) for row in values]
    np.testing.assert_array_equal(statistics.median(values, ~np.isnan(values)), expected)


@given(ROWS, st.randoms())
def test_der_snr(values: Any, random: Any) -> None:
    good = np.array([[random.random() < 0.8 for _ in row] for row in values]) & np.isfinite(values)
    expected = [oracle.der_snr(row, mask) for row, mask in zip(values, good, strict=True)]
    np.testing.assert_allclose(statistics.der_snr(values, good), expected, rtol=1e-12)


def test_der_snr_of_known_noise() -> None:
    rng = np.random.default_rng(1)
    flux = 20 + rng.normal(size=(50, 4000))
    snr = statistics.der_snr(flux, np.ones(flux.shape, bool))
    assert np.median(snr) == pytest.approx(20, rel=0.02)


def test_no_snr_from_few_pixels_or_without_noise() -> None:
    assert np.isnan(statistics.der_snr(np.ones((1, 4)), np.ones((1, 4), bool))).all()
    assert np.isnan(statistics.der_snr(np.ones((1, 40)), np.ones((1, 40), bool))).all()  # no noise


@given(ROWS)
def test_lowest_and_highest(values: Any) -> None:
    mask = np.isfinite(values)
    lowest, highest = statistics.lowest(values, mask), statistics.highest(values, mask)
    for row, low, high in zip(values, lowest, highest, strict=True):
        finite = row[np.isfinite(row)]
        expected = [finite.min(), finite.max()] if finite.size else [np.nan] * 2
        np.testing.assert_array_equal([low, high], expected)


def test_spectra_without_pixels() -> None:
    values, mask = np.zeros((2, 0)), np.zeros((2, 0), bool)
    for function in (statistics.median, statistics.lowest, statistics.highest):
        assert np.isnan(function(values, mask)).tolist() == [True, True]
    assert np.isnan(statistics.sampling(values, mask)).all()


def test_pixel_snr_is_double_precision_and_nan_for_zero_error() -> None:
    flux, error = np.array([1, 3e38, 5], "f4"), np.array([3, 1e-38, 0], "f4")
    ratio = statistics.pixel_snr(flux, error)
    assert ratio.dtype == "f8"
    np.testing.assert_array_equal(ratio[:2], flux[:2].astype("f8") / error[:2].astype("f8"))
    assert np.isnan(ratio[2])


def test_median_snr_ignores_infinite_ratios() -> None:
    flux = np.array([[10.0, 20.0, 30.0, 40.0]])
    error = np.array([[0.0, 10.0, 10.0, 10.0]])
    good = np.array([[True, True, True, False]])
    assert statistics.median_snr(flux, error, good).tolist() == [2.5]


def test_sampling() -> None:
    wavelength = np.array([[1.0, 2.0, 4.0, 8.0, np.nan], [8.0, 7.0, 5.0, 0.0, 0.0]])
    inside = np.array([[True] * 5, [True, True, True, False, False]])
    assert statistics.sampling(wavelength, inside).tolist() == [2.0, 1.5]
