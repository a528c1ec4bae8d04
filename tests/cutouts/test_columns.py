"""Tests of columns: cutting along axes, masks, names and selection."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from spectraldb.cutouts import columns as module
from spectraldb.cutouts.boxes import Box
from spectraldb.cutouts.columns import (
    cut_array,
    cut_image,
    distinct_names,
    drop_axes,
    masked_column,
    select_columns,
)
from spectraldb.errors import BadQueryError
from spectraldb.fits.file import FitsFile
from spectraldb.products.array_column import ArrayColumn, computed_column

BOX: Box = {"z": range(1, 3), "y": range(2, 4), "x": range(5)}
NONE: frozenset[Any] = frozenset()


def column(name: str, values: Any) -> ArrayColumn:
    return computed_column(name, np.asarray(values), "", "")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[FitsFile]:
    """Images with all axes of a product, one more, only the last two, and other axes."""
    shapes = {"SCI": (4, 4, 5), "CON": (2, 4, 4, 5), "MEDIAN": (4, 5), "OTHER": (3, 7)}
    hdus = [
        fits.ImageHDU(np.arange(np.prod(shape), dtype="f4").reshape(shape), name=name)
        for name, shape in shapes.items()
    ]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "file.fits")
    with FitsFile(tmp_path / "file.fits") as file:
        yield file


@pytest.mark.parametrize("chunk_bytes", [1, 2**20])
@pytest.mark.parametrize(
    ("name", "part"),
    [("SCI", np.s_[1:3, 2:4]), ("CON", np.s_[:, 1:3, 2:4]), ("MEDIAN", np.s_[2:4,])],
)
def test_images_are_cut_along_the_axes_of_the_product(
    file: FitsFile, name: str, part: Any, chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK_BYTES", chunk_bytes)
    image = file.image(name)
    assert image is not None
    whole = column(name, image.read())
    cut = cut_image(whole, image, BOX, (4, 4, 5), NONE)
    assert cut.shape == cut.read().shape
    np.testing.assert_array_equal(cut.read(), image.read()[part])
    box: Box = BOX | {"y": range(2, 3), "x": range(4, 5)}
    spaxel = cut_image(whole, image, box, (4, 4, 5), frozenset({"y", "x"}))
    np.testing.assert_array_equal(spaxel.read().ravel(), image.read()[(*part[:-1], 2, 4)].ravel())
    assert spaxel.shape == spaxel.read().shape


def test_images_with_other_axes_are_not_cut(file: FitsFile) -> None:
    image = file.image("OTHER")
    assert image is not None
    whole = column("other", image.read())
    assert cut_image(whole, image, BOX, (4, 4, 5), frozenset({"x"})) is whole


def test_arrays_are_cut_and_axes_dropped() -> None:
    values = np.arange(20).reshape(4, 5)
    cut = cut_array(column("ra", values), range(2, 3), range(1, 4))
    np.testing.assert_array_equal(cut.read(), values[2:3, 1:4])
    box: Box = {"z": range(9), "y": range(2, 3), "x": range(1, 4)}
    row = drop_axes(cut, box, frozenset({"y"}))
    assert row.shape == (3,)
    np.testing.assert_array_equal(row.read(), values[2, 1:4])
    assert drop_axes(cut, box, frozenset({"z"})) is cut
    one = cut_array(column("ra", values), range(2, 3), range(1, 2))
    assert drop_axes(one, box, frozenset({"y", "x"})).read().tolist() == [11]


def test_masks_apply_across_chunks() -> None:
    chunks = [np.array([1, 2, 3]), np.array([4]), np.array([5, 6])]
    whole = ArrayColumn("n", "N", "int64", (6,), lambda: iter(chunks))
    masked = masked_column(whole, np.array([True, False, True, False, True, True]))
    assert masked.shape == (4,)
    assert masked.read().tolist() == [1, 3, 5, 6]


def test_duplicate_names_become_distinct() -> None:
    names = [c.name for c in distinct_names([column(n, [1]) for n in ("a", "b", "a", "a2", "a")])]
    assert names[:3] == ["a", "b", "a2"]
    assert len(set(names)) == 5


def test_columns_are_selected_in_the_order_of_the_names() -> None:
    columns = [column(name, [1]) for name in ("a", "b", "c")]
    assert select_columns(columns, ()) == columns
    assert select_columns(columns, ("c", "a")) == [columns[2], columns[0]]
    with pytest.raises(BadQueryError, match=r"no array 'd'\. Arrays: a, b, c"):
        select_columns(columns, ("a", "d"))
