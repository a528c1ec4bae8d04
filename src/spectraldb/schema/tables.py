"""The tables of the lake, and the types of product in them."""

from enum import Enum

PRODUCT_TYPES = frozenset({"x1d", "c1d", "x1dints", "s2d", "s3d"})


class Table(Enum):
    """The tables, with the names the archive gives them; ARRAY columns are only retrieved."""

    PRODUCT = "DataProduct"
    SPECTRUM = "SpectralCharacteristics"
    PIXEL = "SpectralPixel"
    ARRAY = "array"
