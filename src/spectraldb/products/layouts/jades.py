"""1-D spectra of JADES: images DATA, ERR and WAVELENGTH of one axis (https://jades-survey.github.io).

The wavelengths are in metres, and the fluxes have no unit.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np

from spectraldb.arrays import Array
from spectraldb.fits.file import FitsFile
from spectraldb.fits.image import ImageHdu
from spectraldb.fits.table import Field, TableHdu
from spectraldb.products.layouts.mission import is_jwst
from spectraldb.products.product import Product
from spectraldb.products.tables import TableProduct

_TYPES = {"f": "E", "i": "J", "u": "J"}


def read_jades(file: FitsFile, file_name: str) -> list[Product]:
    """Return the x1d in images of one axis."""
    data, wavelength = file.image("DATA"), file.image("WAVELENGTH")
    if data is None or wavelength is None or not is_jwst(file):
        return []
    if len(data.shape) != 1 or data.shape != wavelength.shape:
        return []
    images = [hdu for hdu in file.images() if hdu.name and hdu.shape == data.shape]
    table = cast("TableHdu", ImageColumns(data, images))
    return [TableProduct(file, file_name, "x1d", [table])]


class ImageColumns:
    """Images of one axis as the columns of a table, with the interface of `TableHdu`.

    Parameters
    ----------
    main
        The image with the header of the spectrum.
    images
        The images, of equal lengths.
    """

    def __init__(self, main: ImageHdu, images: Sequence[ImageHdu]) -> None:
        self._images = {hdu.name: hdu for hdu in images}
        self.header, self.name, self.version = main.header, main.name, main.version
        self.n_rows = main.shape[0]
        self.data_size = sum(hdu.data_size for hdu in images)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """A field for each image."""
        return tuple(
            Field(name, str(hdu.header.get("BUNIT") or ""), 1.0, 0.0, _TYPES[hdu.dtype.kind])
            for name, hdu in self._images.items()
        )

    @cached_property
    def row_dtype(self) -> np.dtype[Any]:
        """Type of a row."""
        return np.dtype([(name, hdu.dtype) for name, hdu in self._images.items()])

    def cell_shape(self, field: Field) -> tuple[int, ...]:  # noqa: ARG002 - as in `TableHdu`
        """Return the shape of a cell, which is one number."""
        return ()

    def rows(self, start: int = 0, stop: int | None = None) -> Array:
        """Return a range of rows."""
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        rows = np.empty(stop - start, self.row_dtype)
        for name, hdu in self._images.items():
            rows[name] = hdu.read(start, stop)
        return rows

    def column(self, field: Field, start: int = 0, stop: int | None = None) -> Array:
        """Return one image, or a range of it."""
        return self._images[field.name].read(start, stop)

    def values(self, field: Field, rows: Array) -> Array:
        """Return the values of one image in `rows`."""
        return np.ascontiguousarray(rows[field.name])
