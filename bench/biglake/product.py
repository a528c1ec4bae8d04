"""A product without a file: what its headers would say, and spectra that were made up."""

from dataclasses import dataclass

from spectraldb.fits.header import Header, Value
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.block import Axis
from spectraldb.products.product import Product

PER_PROGRAM = 999


@dataclass(frozen=True)
class Place:
    """Where on the sky a target is, in degrees."""

    ra: float
    dec: float


class MadeUp(Product):
    """The base of products that are made up; nothing can be retrieved from them.

    Parameters
    ----------
    number
        Its number in the lake, from 0: all else follows from it.
    optics
        The part of the file's name that tells instrument and elements.
    product_type
        As in the lake.
    keywords
        What the headers say beyond that.
    """

    def __init__(
        self, number: int, optics: str, product_type: str, keywords: dict[str, Value]
    ) -> None:
        # No call of the base class: there is no file to open.
        program, observation = 1000 + number // PER_PROGRAM, 1 + number % PER_PROGRAM
        self.number = number
        self.product_type = product_type
        self.file_name = f"jw{program:05}-o{observation:03}_t001_{optics}_{product_type}.fits"
        self._header: Header = keywords | {
            "PROGRAM": f"{program:05}",
            "OBSERVTN": f"{observation:03}",
            "TITLE": "Made-up spectra of a measurement",
            "CAL_VER": "3.0.0",
            "DATE-BEG": "2023-07-08T02:17:45.000",
        }

    def close(self) -> None:
        """Close nothing."""

    @property
    def primary_header(self) -> Header:
        """The primary header."""
        return self._header

    @property
    def science_header(self) -> Header:
        """The header of the science extension: none."""
        return {}

    @property
    def dispersion(self) -> Axis:
        """The axis along which wavelength runs."""
        return "z" if self.product_type == "s3d" else "x"

    def columns(self) -> list[ArrayColumn]:
        """Return no arrays."""
        return []


def place(number: int) -> Place:
    """Return the position of a target: evenly over the sky, by irrational steps."""
    ra = 360 * (number * 0.6180339887498949 % 1)
    dec = 120 * (number * 0.7548776662466927 % 1) - 60
    return Place(ra, dec)


def number_of(file_name: str) -> int:
    """Return the number of the product of a name."""
    return (int(file_name[2:7]) - 1000) * PER_PROGRAM + int(file_name[9:12]) - 1
