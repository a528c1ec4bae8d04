"""A part of a product: its arrays, and where in the product it lies."""

from dataclasses import dataclass, field

from spectraldb.cutouts.boxes import Box, Index
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.spectrum_metadata import SpectrumMetadata


@dataclass(frozen=True)
class Part:
    """The arrays of a part of a product."""

    columns: list[ArrayColumn]
    spectra: list[SpectrumMetadata]
    """Of each spectrum in the part; empty for images and cubes."""
    box: Box
    """The indices along each axis; empty where nothing was cut."""
    index: Index = field(default_factory=dict)
