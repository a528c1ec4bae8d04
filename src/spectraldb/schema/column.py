"""A column: its name, table, type, unit, UCD and description."""

from dataclasses import dataclass, field
from typing import Literal

from spectraldb.schema.tables import Table

SEPARATORS = " -_"
"""Characters in which names of the same target differ."""

_NO_SEPARATORS = str.maketrans("", "", SEPARATORS)

DType = Literal["string", "float", "float32", "int", "long", "bool"]
"""Name of a column type, as in `column_metadata`; `float` is an IEEE double."""


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
    """False for internal columns of the lake, which no response contains."""
    digits: int = 0
    """Length to which codes are padded with leading zeros, as the archive writes them."""
    allowed_values: frozenset[str] = field(default_factory=frozenset)
    """All values that the column can have; empty if they are not known."""
    stored: bool = True
    """False for a column that is computed by each query."""
    has_flags: bool = False
    """Whether the value is a sum of the flags of `schema/dq_flags.py`."""
    is_date: bool = False
    """Whether the value is a date: ISO text, or an MJD."""
    ignores_separators: bool = False
    """Whether texts are equal if they differ only in blanks, hyphens and underscores."""
    unit_from: str = ""
    """Product column that contains the unit, if each product has its own unit."""

    def searched_text(self, text: str) -> str:
        """Return a text in the form in which it is compared: lower case, without separators.

        Codes from a fixed set of values are compared as they are.
        """
        if self.allowed_values:
            return text
        text = lower(text)
        return text.translate(_NO_SEPARATORS) if self.ignores_separators else text


def lower(text: str) -> str:
    """Return a text in lower case, one character for each, as DuckDB's `lower` returns it.

    Python's own conversion depends on the neighbours of a capital sigma, and turns a dotted capital
    I into two characters.
    """
    if text.isascii():
        return text.lower()
    return "".join("i" if each == "\u0130" else each.lower() for each in text)
