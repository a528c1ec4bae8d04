"""Tests of images, read in whole and in part."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from spectraldb.fits.file import FitsFile
from spectraldb.fits.image import ImageHdu
from tests.support.product_files import ProductFile, for_files, path_of

SHAPE = (3, 4, 5, 6)
VALUES = np.arange(np.prod(SHAPE), dtype="f4").reshape(SHAPE)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHdu]:
    """An image with four axes."""
    path = tmp_path_factory.mktemp("image") / "file.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(VALUES, name="SCI")]).writeto(path)
    with FitsFile(path) as file:
        (image,) = file.images()
        yield image


@for_files("s2d", "s3d")
def test_images_match_astropy(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    with FitsFile(path) as file, fits.open(path, memmap=False) as hdus:
        for image in file.images():
            expected = hdus[image.name, image.version].data
            values = image.read()
            assert image.shape == expected.shape
            assert image.dtype == values.dtype == expected.dtype.newbyteorder("=")
            np.testing.assert_array_equal(values, expected)
            np.testing.assert_array_equal(image.read(1, 3), expected[1:3])
            np.testing.assert_array_equal(image.read(1, 10**9), expected[1:])


@for_files("s3d")
def test_rows_of_every_plane(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    with FitsFile(path) as file:
        cubes = [image for image in file.images() if len(image.shape) == 3]
        for image in cubes:
            values = image.read()
            for start, stop in ((0, 1), (1, 3), (0, image.shape[1])):
                rows = image.physical_values(image.read_raw_rows(start, stop))
                np.testing.assert_array_equal(rows, values[:, start:stop])


def ranges(length: int) -> st.SearchStrategy[range]:
    return (
        st.tuples(st.integers(0, length), st.integers(0, length))
        .filter(lambda ends: ends[0] < ends[1])
        .map(lambda ends: range(*ends))
    )


@given(st.tuples(*map(ranges, SHAPE)))
@settings(deadline=None)
def test_boxes(image: ImageHdu, box: tuple[range, ...]) -> None:
    part = tuple(slice(indices.start, indices.stop) for indices in box)
    np.testing.assert_array_equal(image.read_box(box), VALUES[part])
