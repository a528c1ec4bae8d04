"""The interface of products: arrays for retrieval and blocks of spectra for searches."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Self

from spectraldb.counted import numbered_spectra
from spectraldb.errors import NotHeldError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header, Value
from spectraldb.fits.image import ImageHdu
from spectraldb.products.array_column import ArrayColumn, ArrayDescription
from spectraldb.products.block import Axis, Block
from spectraldb.products.pixel_area import PixelArea
from spectraldb.products.units import corrected_unit
from spectraldb.schema.columns import COLUMNS, by_fits_name, camel_case


class Product(ABC):
    """An open product, usable as a context manager; its arrays are read from the open file.

    Not thread-safe: all reads share one file position.

    Parameters
    ----------
    file
        The open file, which the product closes when it is closed.
    file_name
        Name of the file, without the folder.
    product_type
        x1d, c1d, x1dints, s2d or s3d.
    """

    def __init__(self, file: FitsFile, file_name: str, product_type: str) -> None:
        self.file = file
        self.file_name = file_name
        self.product_type = product_type
        self.layout = "pipeline"
        """Name of the layout of the file."""
        self.level = "3"
        """Calibration level: 2, 3, team or simulated."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    @property
    def primary_header(self) -> Header:
        """The primary header."""
        return self.file.primary.header

    @property
    @abstractmethod
    def science_header(self) -> Header:
        """The header of the first science extension."""

    @property
    @abstractmethod
    def n_spectra(self) -> int:
        """Number of spectra."""

    @property
    @abstractmethod
    def units(self) -> dict[str, str]:
        """The correct units of the pixel columns, by API name."""

    @property
    def pixel_area(self) -> PixelArea | None:
        """The solid angle of a pixel of an image or a cube, or None if it is not known."""
        return None

    @property
    @abstractmethod
    def dispersion(self) -> Axis:
        """The dispersion axis, along which wavelength changes."""

    @abstractmethod
    def columns(self) -> list[ArrayColumn]:
        """Return all arrays."""

    @abstractmethod
    def blocks(self) -> Iterator[Block]:
        """Yield all spectra, in order, in blocks that fit in memory."""

    def spectra(self) -> list[dict[str, object]]:
        """Return the metadata of each spectrum; empty for images and cubes, where all are alike."""
        return []

    @property
    def other_headers(self) -> list[Header]:
        """Headers with keywords that neither the primary nor the science header has."""
        return []

    def keyword(self, *names: str) -> Value:
        """Return the value of the first of these keywords that has one, or None.

        The primary header takes precedence over the science header.  For example, FILENAME in the
        tables of slitless spectra is the name of an exposure.
        """
        for name in names:
            for header in (self.primary_header, self.science_header, *self.other_headers):
                value = header.get(name)
                if value not in (None, ""):
                    return value
        return None

    def array_image(self, name: str, version: int | None = None) -> ImageHdu | None:
        """Return the image of an array by its API name, under any of its FITS names, or None."""
        column = next(each for each in COLUMNS if each.name == name)
        images = (self.file.image(fits_name, version) for fits_name in column.fits)
        return next((image for image in images if image is not None), None)

    def celestial_wcs(self, x: int, y: int) -> dict[str, Value]:  # noqa: ARG002 - for cubes
        """Return the celestial WCS keywords of a cut-out of a cube with the first pixel x, y."""
        return {}

    def row_columns(self) -> list[ArrayColumn]:
        """Return the columns with one value per spectrum; the values are in `spectra`."""
        return []

    def check_spectrum(self, spectrum: int | None) -> None:
        """Raise NotHeldError if the product has no spectrum with this number."""
        if spectrum is not None and not 0 <= spectrum < self.n_spectra:
            raise NotHeldError(
                f"{self.file_name} has no spectrum {spectrum}. {numbered_spectra(self.n_spectra)}"
            )

    def describe(self, fits_name: str, fits_unit: str) -> ArrayDescription:
        """Return the name, description and units of an array of this product."""
        column = by_fits_name(fits_name)
        unit = corrected_unit(fits_name, fits_unit, self.primary_header, self.science_header)
        if column is not None and column.name == "wavelength":
            unit = unit or "um"  # the WAVELENGTH extension of 2-D spectra has no unit
        return {
            "name": camel_case(fits_name),
            "description": column.description if column else f"{fits_name} of the file",
            "unit": unit,
            "fits_unit": fits_unit,
            "fits_ext": fits_name,
        }
