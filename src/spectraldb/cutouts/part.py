"""Parts of products: their arrays and their location in the product."""

from dataclasses import dataclass, field

from spectraldb.cutouts.boxes import Box, Index
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.spectrum_metadata import SpectrumMetadata


@dataclass(frozen=True)
class Part:
    """The arrays of a part of a product."""

    columns: list[ArrayColumn]
    spectra: list[SpectrumMetadata]
    """Metadata of each spectrum in the part; empty for images and cubes."""
    box: Box
    """Range of indices along each axis; empty if nothing was cut."""
    index: Index = field(default_factory=dict)
    pixel_area: float | None = None
    """Solid angle of a spaxel in sr, if sums were multiplied by it."""
