"""Tests of boxes of indices: ranges, spectra, wavelengths and cones."""

import numpy as np
import pytest

from spectraldb.cutouts.binning import AxisGroups
from spectraldb.cutouts.boxes import (
    describe_limits,
    empty_cone,
    in_limits,
    pixel_index,
    select_box,
    shrink,
    slices,
)
from spectraldb.cutouts.request import WHOLE, Binning, Cutout
from spectraldb.errors import NotHeldError
from spectraldb.sky import Cone

NAN = np.nan


def test_ranges_and_a_spectrum() -> None:
    cutout = Cutout(ranges={"z": (2, 4)})
    box = select_box("a.fits", cutout, {"z": 9, "y": 5, "x": 6}, {"y": 3, "x": 0})
    assert box == {"z": range(2, 5), "y": range(3, 4), "x": range(1)}
    assert slices(box) == np.s_[2:5, 3:4, 0:1]
    assert select_box("a.fits", WHOLE, {"y": 5, "x": 6}, {}) == {"y": range(5), "x": range(6)}


def test_choosing_a_spectrum_is_not_a_cut() -> None:
    assert not Cutout(spectrum=3, columns=("flux",)).cuts
    assert Cutout(binning=Binning({"x": 2})).cuts


def test_shrink() -> None:
    wanted = np.array([True, False, True, False, True, False])
    assert shrink(range(1, 6), wanted, "it") == range(2, 5)
    assert shrink(range(6), wanted, "it") == range(5)
    with pytest.raises(NotHeldError, match="has what is wanted"):
        shrink(range(3, 4), wanted, "what is wanted")


def test_limits_include_both_ends_and_exclude_nan() -> None:
    wavelength = np.array([1.0, 2.0, NAN, 3.0, 4.0])
    assert in_limits(wavelength, (2.0, 3.0)).tolist() == [False, True, False, True, False]
    assert "between 5 and 6 um. Available wavelengths: 1 to 4 um" in describe_limits(
        (5.0, 6.0), wavelength
    )
    assert describe_limits((5.0, 6.0), np.array([NAN])).endswith("none")


def test_empty_cone_reports_the_nearest_spectrum() -> None:
    cone = Cone(10.0, 0.0, 1 / 3600)
    error = empty_cone(cone, np.array([10.0, NAN]), np.array([0.01, 0.0]))
    assert "within 1 arcsec of the position. The nearest is 36 arcsec away." in str(error)
    assert "are unknown" in str(empty_cone(cone, np.array([NAN]), np.array([NAN])))


def test_index_of_pixels_and_groups() -> None:
    box = select_box("a.fits", Cutout(ranges={"z": (2, 8)}), {"z": 9, "y": 4, "x": 6}, {})
    index = pixel_index(box, None, {"x"})
    assert {axis: values.tolist() for axis, values in index.items()} == {
        "z": list(range(2, 9)),
        "y": [0, 1, 2, 3],
    }
    groups = {"z": AxisGroups(3, 7), "y": AxisGroups(None, 4), "x": AxisGroups(4, 6)}
    index = pixel_index(box, groups, ())  # type: ignore[arg-type]
    assert {axis: values.tolist() for axis, values in index.items()} == {
        "z": [2, 5, 8],
        "x": [0, 4],
    }
