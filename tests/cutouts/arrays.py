"""Helpers for tests of cut-outs: arrays of a part, and expected values computed with numpy."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectraldb.cutouts.cut import part_of
from spectraldb.cutouts.part import Part
from spectraldb.cutouts.request import Cutout
from spectraldb.products.open import open_product

Array = NDArray[Any]


def cut(path: Path, cutout: Cutout) -> tuple[dict[str, Array], Part]:
    """Return the arrays of a part of a product, by name, and the part."""
    with open_product(path) as product:
        part = part_of(product, cutout)
        arrays = {column.name: column.read() for column in part.columns}
        for column in part.columns:
            assert arrays[column.name].shape == column.shape
    return arrays, part


def combined(
    flux: Array, error: Array, good: Array, axis: int | tuple[int, ...] | None
) -> tuple[Array, Array, Array]:
    """Return the mean, the error of the mean and the number of good pixels along axes."""
    n = np.sum(good, axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(good, flux, 0).sum(axis=axis) / n
        return mean, np.sqrt(np.where(good, error**2, 0).sum(axis=axis)) / n, n


def assert_combined(
    arrays: dict[str, Array], expected: tuple[Array, Array, Array], part: Any = ...
) -> None:
    """Compare flux, fluxErr and nGood, or a part of them, with the result of `combined`."""
    for name, values in zip(("flux", "fluxErr"), expected[:2], strict=True):
        np.testing.assert_allclose(arrays[name][part], values, rtol=1e-10)
    np.testing.assert_array_equal(arrays["nGood"][part], expected[2])
