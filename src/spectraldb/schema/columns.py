"""All columns of Spectral DB, and look-ups by table, by name and by FITS name.

The schemas of the lake's tables, the checks of conditions, ``column_metadata``, the OpenAPI
document and the documentation are generated from these columns.  The meanings of JWST's keywords
and columns follow the data-product pages of the JWST pipeline
(https://jwst-pipeline.readthedocs.io).
"""

import re
from collections.abc import Iterator
from functools import cache

from spectraldb.schema.array_columns import ARRAY_COLUMNS
from spectraldb.schema.column import Column
from spectraldb.schema.pixel_columns import PIXEL_COLUMNS
from spectraldb.schema.product_columns import PRODUCT_COLUMNS
from spectraldb.schema.spectrum_columns import SPECTRUM_COLUMNS
from spectraldb.schema.tables import Table

RANGED = tuple(column for column in PIXEL_COLUMNS if column.dtype != "bool")
"""Numeric pixel columns.  Each spectrum has their ranges, as ``wavelengthLow, wavelengthHigh``."""


def _range_columns() -> Iterator[Column]:
    for column in RANGED:
        for suffix, extreme in (("Low", "lowest"), ("High", "highest")):
            description = f"{extreme} `{column.name}` of the spectrum's stored pixels, good or bad"
            yield Column(
                f"{column.name}{suffix}",
                Table.SPECTRUM,
                column.dtype,
                description,
                column.unit,
                searchable=False,
            )


COLUMNS: tuple[Column, ...] = (
    *PRODUCT_COLUMNS,
    *SPECTRUM_COLUMNS,
    *_range_columns(),
    *PIXEL_COLUMNS,
    *ARRAY_COLUMNS,
)

UNIT_COLUMNS = {column.name: column.unit_from for column in COLUMNS if column.unit_from}
"""Columns whose unit depends on the product, with the product column that contains the unit."""


def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of one table, in order."""
    return tuple(column for column in COLUMNS if column.table is table)


def searchable_columns() -> Iterator[Column]:
    """Yield the columns that searches can use."""
    return (c for c in COLUMNS if c.searchable and c.table is not Table.ARRAY)


@cache
def by_name() -> dict[str, Column]:
    """Return the searchable columns by name and by alias."""
    columns = {column.name: column for column in searchable_columns()}
    return columns | {alias: column for column in columns.values() for alias in column.aliases}


@cache
def _by_fits_name() -> dict[str, Column]:
    arrays = (column for column in COLUMNS if column.table in (Table.PIXEL, Table.ARRAY))
    return {name: column for column in arrays for name in column.fits}


def by_fits_name(fits_name: str) -> Column | None:
    """Return the column for a FITS column or extension, ignoring case; None if unknown."""
    return _by_fits_name().get(fits_name.upper())


def canonical_fits_name(fits_name: str) -> str:
    """Return the name by which the pipeline calls an array now, in upper case.

    ``flux_err`` is ``FLUX_ERROR``.  A name without a column is returned in upper case.
    """
    column = by_fits_name(fits_name)
    return column.fits[0] if column else fits_name.upper()


_ABBREVIATIONS = {"error": "err"}


def camel_case(fits_name: str) -> str:
    """Return the API name of a FITS column, extension or keyword: ``FLUX_ERROR`` is ``fluxErr``.

    A known FITS name has the name of its column.  Any other name is split at characters that are
    neither letters nor digits, and joined in camelCase.
    """
    column = by_fits_name(fits_name)
    if column:
        return column.name
    parts = [_ABBREVIATIONS.get(p, p) for p in re.split(r"[^a-z0-9]+", fits_name.lower()) if p]
    if not parts:
        return "unnamed"
    return parts[0] + "".join(part.capitalize() for part in parts[1:])
