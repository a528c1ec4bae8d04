"""Tests of the masks of good pixels."""

import numpy as np

from spectraldb.products.quality import good_1d, good_2d, good_3d, integer_flags, is_empty

NAN, INF = np.nan, np.inf
ONES = np.ones(4)


def test_extracted_spectra() -> None:
    flux = np.array([1.0, NAN, 1.0, 1.0, 1.0, 1.0, -1.0, 0.0])
    error = np.array([1.0, 1.0, NAN, 0.0, 1.0, INF, 1.0, 1.0])
    wavelength = np.array([1.0, 1.0, 1.0, 1.0, NAN, 1.0, 1.0, 1.0])
    good = good_1d(wavelength, flux, error, None)
    assert good.tolist() == [True, False, False, False, False, False, True, True]


def test_flags_of_extracted_spectra() -> None:
    dq = np.array([0, 1, 4, 2**31 + 1], "u4")
    assert good_1d(ONES, ONES, ONES, dq).tolist() == [True, False, True, False]
    assert good_1d(ONES, ONES, None, dq).tolist() == [True, False, True, False]
    assert good_1d(ONES, ONES, None, None).all()


def test_images_need_weight_and_allow_an_error_of_zero() -> None:
    flux = np.array([0.0, 1.0, INF, 1.0])
    error = np.array([0.0, NAN, 1.0, 0.0])
    weight = np.array([0.0, 1.0, 1.0, 2.0])
    assert good_2d(ONES, flux, error, weight).tolist() == [False, False, False, True]
    assert good_2d(ONES, flux, None, None).tolist() == [True, True, False, True]
    assert good_2d(np.array([1.0, NAN, 1.0, 1.0]), ONES, None, None).tolist()[1] is False


def test_rows_with_common_wavelengths() -> None:
    wavelength = np.array([[1.0, NAN, 3.0]])
    assert good_2d(wavelength, np.ones((2, 3)), None, None).tolist() == [[True, False, True]] * 2


def test_cubes() -> None:
    flux = np.array([0.0, 1.0, NAN, 1.0])
    dq = np.array([0, 513, 0, 512], "u4")
    assert good_3d(flux, ONES, dq, zero_is_empty=False).tolist() == [True, False, False, True]
    assert good_3d(flux, ONES, dq, zero_is_empty=True).tolist() == [False, False, False, True]
    assert good_3d(flux, None, None, zero_is_empty=False).tolist() == [True, True, False, True]


def test_arrays_that_say_nothing() -> None:
    assert is_empty([np.zeros(3), np.array([NAN, 0.0])])
    assert is_empty([np.zeros(3, "i4")])
    assert is_empty([])
    assert not is_empty([np.zeros(3), np.array([NAN, 1e-30])])
    assert not is_empty([np.array([INF])])


def test_flags_with_missing_values() -> None:
    assert integer_flags(None) is None
    flags = integer_flags(np.array([0.0, NAN, 4.0]))
    assert flags is not None
    assert flags.tolist() == [0, 1, 4]
