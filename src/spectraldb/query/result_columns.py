"""The default columns of results, and the columns that a search computes."""

from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import Table

PIXEL_COLUMNS = ("fileName", "x", "y", "wavelength")
"""Default columns of a search for pixels; searches of cubes also return ``z``."""

GROUP_COLUMNS = ("fileName", "uri")
"""Default columns of grouped results, besides the aggregates; file names are not unique."""

AGGREGATES: dict[str, Column] = {
    column.name: column
    for column in (
        Column("matched", Table.PIXEL, "long", "number of matching pixels of the product"),
        Column(
            "matchedWavelengthMin",
            Table.PIXEL,
            "float",
            "shortest wavelength of the matching pixels",
            "um",
        ),
        Column(
            "matchedWavelengthMax",
            Table.PIXEL,
            "float",
            "longest wavelength of the matching pixels",
            "um",
        ),
        Column("matchedFluxMin", Table.PIXEL, "float", "lowest flux of the matching pixels"),
        Column("matchedFluxMax", Table.PIXEL, "float", "highest flux of the matching pixels"),
    )
}
"""Statistics of the matching pixels of a product, in grouped results."""

MATCHED_SPECTRA = Column(
    "matchedSpectra",
    Table.SPECTRUM,
    "long",
    "number of spectra of the product that meet all conditions on spectra",
    ucd="meta.number",
)
"""A column of searches for products; equal to nSpectra without conditions on spectra."""

PRODUCT_COLUMNS: dict[str, Column] = {
    name: MATCHED_SPECTRA if name == MATCHED_SPECTRA.name else by_name()[name]
    for name in (
        "uri",
        "fileName",
        "productType",
        "targetName",
        "targetRA",
        "targetDec",
        "instrument",
        "filter",
        "grating",
        "channel",
        "productWavelengthMin",
        "productWavelengthMax",
        "nSpectra",
        "matchedSpectra",
        "nStored",
    )
}
"""Default columns of a search for products."""
