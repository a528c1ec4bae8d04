"""A search, as every part of Spectral DB hands it on."""

from dataclasses import dataclass

from spectraldb.query.operators import Kind, Operator
from spectraldb.schema.column import Column, DType
from spectraldb.sky import Cone

Value = str | int | float | bool

DEFAULT_TYPES = frozenset({"x1d"})

KINDS: dict[DType, Kind] = {
    "string": "string",
    "float": "number",
    "int": "number",
    "long": "number",
    "bool": "bool",
}


@dataclass(frozen=True)
class Condition:
    """A column compared with values."""

    column: Column
    operator: Operator
    values: tuple[Value, ...]
    asked: str
    """The column's name as it was written: an alias shows in the answer as it was asked."""
    unit: str = ""
    """The unit of the values where the column's differs from product to product."""


@dataclass(frozen=True)
class SortKey:
    """A column to order the answer by."""

    column: Column
    descending: bool = False


@dataclass(frozen=True)
class Cursor:
    """The last row of a page, and the version of the lake that it was read from."""

    version: int
    place: tuple[Value | None, ...]
    """Its values of the sort keys, then of what makes the order whole."""


@dataclass(frozen=True)
class Query:
    """A search for pixels, or for products."""

    conditions: tuple[Condition, ...] = ()
    """All but those on the type of product."""
    product_types: frozenset[str] = DEFAULT_TYPES
    cone: Cone | None = None
    columns: tuple[tuple[str, Column], ...] = ()
    """Columns to answer with besides those always given, each with the name it was asked by."""
    group: bool = False
    """Whether each result is a product."""
    sort: tuple[SortKey, ...] = ()
    """The products' order of ingest, spectrum and pixel follow."""
    limit: int | None = 1_000
    """None for all."""
    products: tuple[int, int] | None = None
    """Only products of these numbers, both included: a part of a long answer."""
    after: Cursor | None = None
    version: int | None = None

    @property
    def in_usual_order(self) -> bool:
        """Whether its answer is pixels in the order of product, spectrum and pixel."""
        return not self.sort and not self.group
