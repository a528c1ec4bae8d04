"""A layout: a way to write spectra into a FITS file, with the function that reads it."""

from collections.abc import Callable
from dataclasses import dataclass

from spectraldb.fits.file import FitsFile
from spectraldb.products.product import Product

ReadProducts = Callable[[FitsFile, str], list[Product]]
"""Return the products in a file with a name, the main one first; none in another layout.

Raises RefusedError if the file has the layout, but is broken.
"""


@dataclass(frozen=True)
class Layout:
    """A layout of files."""

    name: str
    """Value of the column `layout`."""
    description: str
    read: ReadProducts
    is_team: bool = True
    """Whether teams write it, so that the level of its products is ``team``."""
