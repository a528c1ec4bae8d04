"""A column: its name, table, type, unit, UCD and description."""

from dataclasses import dataclass, field
from typing import Literal

from spectraldb.schema.tables import Table

DType = Literal["string", "float", "float32", "int", "long", "bool"]
"""The name of a column's type, as `column_metadata` gives it; `float` is IEEE double."""


@dataclass(frozen=True)
class Column:
    """A column of a table of the lake, or an array that a product may have.

    UCDs follow the IVOA's UCD1+ list (https://www.ivoa.net/documents/UCD1+/).
    """

    name: str
    table: Table
    dtype: DType
    description: str
    unit: str = ""
    ucd: str = ""
    fits: tuple[str, ...] = ()
    """Header keywords (product and spectrum columns) or FITS columns and extensions (others)."""
    example: str = ""
    aliases: tuple[str, ...] = ()
    searchable: bool = True
    """False for the lake's own bookkeeping, which no response shows."""
    digits: int = 0
    """Codes that the archive writes with leading zeros are padded to this length."""
    allowed_values: frozenset[str] = field(default_factory=frozenset)
    """All values that the column can have, where these are known; else empty."""
    stored: bool = True
    """False for a column that is computed by each query."""
    unit_from: str = ""
    """The column of the product that names the unit, where each product has its own."""
