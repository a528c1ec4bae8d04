"""A product without a file: synthetic headers and spectra."""

from dataclasses import dataclass

from spectraldb.fits.header import Header, Value
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis
from spectraldb.products.product import Product

PER_PROGRAM = 999


@dataclass(frozen=True)
class Place:
    """Position of a target on the sky, in degrees."""

    ra: float
    dec: float


class MadeUp(Product):
    """Base class of synthetic products, from which nothing can be retrieved.

    Parameters
    ----------
    number
        Number in the lake, from 0, which determines everything else.
    optics
        Part of the file name for the instrument and its optical elements.
    product_type
        Product type, as in the lake.
    keywords
        Further header keywords.
    """

    def __init__(
        self, number: int, optics: str, product_type: str, keywords: dict[str, Value]
    ) -> None:
        # Does not call the base class, because it opens no file.
        program, observation = 1000 + number // PER_PROGRAM, 1 + number % PER_PROGRAM
        self.number = number
        self.product_type = product_type
        self.layout, self.level = "pipeline", "3"
        self.file_name = f"jw{program:05}-o{observation:03}_t001_{optics}_{product_type}.fits"
        self._header: Header = keywords | {
            "PROGRAM": f"{program:05}",
            "OBSERVTN": f"{observation:03}",
            "TITLE": "Made-up spectra of a measurement",
            "CAL_VER": "3.0.0",
            "DATE-BEG": "2023-07-08T02:17:45.000",
        }

    def close(self) -> None:
        """Do nothing, since no file is open."""

    @property
    def primary_header(self) -> Header:
        """Primary header."""
        return self._header

    @property
    def science_header(self) -> Header:
        """Header of the science extension, which is empty."""
        return {}

    @property
    def dispersion(self) -> Axis:
        """Axis of the wavelength."""
        return "z" if self.product_type == "s3d" else "x"

    def columns(self) -> list[ArrayColumn]:
        """Return an empty list: there are no arrays."""
        return []


def place(number: int) -> Place:
    """Return the position of a target; irrational steps spread the targets evenly."""
    ra = 360 * (number * 0.6180339887498949 % 1)
    dec = 120 * (number * 0.7548776662466927 % 1) - 60
    return Place(ra, dec)


def number_of(file_name: str) -> int:
    """Return the number of a product from its file name."""
    return (int(file_name[2:7]) - 1000) * PER_PROGRAM + int(file_name[9:12]) - 1
