"""Tests of groups of pixels, of their sums and of their mean coordinates."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spectraldb.cutouts.binning import AxisGroups, GroupGrid, axis_groups, mean_angles
from spectraldb.cutouts.pixel_sums import PixelSums
from spectraldb.cutouts.request import Binning
from spectraldb.errors import BadQueryError
from spectraldb.products.block import Axis

SIZE = st.none() | st.integers(1, 9)


def chunks(length: int, size: int | None) -> list[slice]:
    step = size or length
    return [slice(start, min(start + step, length)) for start in range(0, length, step)]


@given(SIZE, st.integers(1, 20))
def test_groups_of_an_axis(size: int | None, length: int) -> None:
    groups = AxisGroups(size, length)
    parts = chunks(length, size)
    assert groups.count == len(parts)
    expected = [number for number, part in enumerate(parts) for _ in range(length)[part]]
    assert groups.group_of(np.arange(length)).tolist() == expected


@given(SIZE, hnp.arrays("f8", st.integers(1, 20), elements=st.floats(-9, 9) | st.just(np.nan)))
def test_means_of_groups_ignore_nan(size: int | None, values: Any) -> None:
    means = AxisGroups(size, len(values)).means(values)
    for mean, part in zip(means, chunks(len(values), size), strict=True):
        finite = values[part][np.isfinite(values[part])]
        expected = finite.mean() if finite.size else np.nan
        np.testing.assert_allclose(mean, expected, atol=1e-12)


@given(st.lists(st.tuples(SIZE, st.integers(1, 6)), min_size=2, max_size=3))
def test_groups_of_a_box_are_numbered_in_c_order(axes: list[tuple[int | None, int]]) -> None:
    names: tuple[Axis, ...] = ("z", "y", "x")
    grid = GroupGrid({n: AxisGroups(*axis) for n, axis in zip(names, axes, strict=False)})
    indices = np.indices([length for _, length in axes])
    offsets = [grid.offset(n, i) for n, i in zip(grid.groups, indices, strict=True)]
    found = np.sum(offsets, axis=0)
    groups = [g.group_of(i) for g, i in zip(grid.groups.values(), indices, strict=True)]
    expected = np.ravel_multi_index(groups, grid.shape)
    np.testing.assert_array_equal(found, expected)


def test_axes_that_are_not_combined_have_groups_of_one_pixel() -> None:
    groups = axis_groups(Binning({"wavelength": 4, "x": None}), {"z": 10, "y": 3, "x": 5}, "z")
    assert groups == {"z": AxisGroups(4, 10), "y": AxisGroups(1, 3), "x": AxisGroups(None, 5)}


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"w": 2}, "no axis 'w'. Axes: y, x"),
        ({"x": 2, "wavelength": 2}, "x and wavelength are the same axis"),
    ],
)
def test_invalid_axes_are_rejected(sizes: dict[str, int | None], message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        axis_groups(Binning(sizes), {"y": 3, "x": 5}, "x")


def test_sums_of_good_pixels() -> None:
    sums = PixelSums(3)
    group = np.array([[0, 0, 1], [1, 1, 2]])
    flux = np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]], "f4")
    good = np.array([[True, True, False], [True, True, False]])
    sums.add(group, flux, np.full(flux.shape, 3.0, "f4"), good)
    sums.add(group, flux, np.full(flux.shape, 3.0, "f4"), good)
    assert sums.n_good.tolist() == [4, 4, 0]
    flux, error = sums.values(total=True)
    np.testing.assert_array_equal(flux, [6.0, 18.0, np.nan])
    np.testing.assert_array_equal(error, [6.0, 6.0, np.nan])
    flux, error = sums.values(total=False)
    np.testing.assert_array_equal(flux, [1.5, 4.5, np.nan])
    np.testing.assert_array_equal(error, [1.5, 1.5, np.nan])


def test_means_of_angles_across_the_meridian() -> None:
    angles = np.array([[359.0, 1.0, 3.0], [358.0, 0.0, 2.0]])
    assert mean_angles(angles, 1, None).ravel() % 360 == pytest.approx([1.0, 0.0])
    assert mean_angles(angles, None, 2).ravel() % 360 == pytest.approx([359.5, 2.5])
    np.testing.assert_allclose(mean_angles(angles, 1, 1) % 360, angles)
