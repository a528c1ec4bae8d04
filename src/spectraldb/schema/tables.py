"""The tables of the lake, and the product types."""

from enum import Enum

PRODUCT_TYPES = frozenset({"x1d", "c1d", "x1dints", "s2d", "s3d"})


class Table(Enum):
    """The tables, with the archive's names.  ARRAY columns can be retrieved but not searched."""

    PRODUCT = "DataProduct"
    SPECTRUM = "SpectralCharacteristics"
    PIXEL = "SpectralPixel"
    ARRAY = "array"
