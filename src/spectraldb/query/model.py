"""The model of a search: what the URL, the command line and the client all become."""

from dataclasses import dataclass

from spectraldb.query.operators import Kind, Operator
from spectraldb.schema.column import Column, DType
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.sky import Cone

Value = str | int | float | bool

DEFAULT_TYPES = frozenset({"x1d"})
"""The product types that a search for pixels covers unless it names some."""

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
    requested_name: str
    """The column's name as the request has it: results use it, which may be an alias."""
    unit: str = ""
    """The unit of the values where the column's own differs from product to product."""


@dataclass(frozen=True)
class SortKey:
    """A column that results are sorted by."""

    column: Column
    descending: bool = False


@dataclass(frozen=True)
class PageToken:
    """The last row of a page, and the version of the lake that it was read from."""

    version: int
    keys: tuple[Value | None, ...]
    """Its values of the sort keys, then of the columns that make the order total."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What searches for pixels and for products have in common."""

    conditions: tuple[Condition, ...] = ()
    """All but those on the product type."""
    product_types: frozenset[str] = PRODUCT_TYPES
    cone: Cone | None = None
    columns: tuple[tuple[str, Column], ...] = ()
    """Columns of the results besides the default ones, each under the name it was requested by."""
    sort: tuple[SortKey, ...] = ()
    limit: int | None = 1_000
    """None for all results."""
    after: PageToken | None = None
    version: int | None = None
    """The version of the lake; None for the newest."""

    @property
    def result_noun(self) -> str:
        """What one result is, as messages call it."""
        return "product"


@dataclass(frozen=True, kw_only=True)
class PixelQuery(Query):
    """A search for pixels."""

    product_types: frozenset[str] = DEFAULT_TYPES
    group: bool = False
    """Whether matching pixels are grouped: a result for each product."""
    id_range: tuple[int, int] | None = None
    """The lowest and highest productId: one part of a long result."""

    @property
    def result_noun(self) -> str:
        """What one result is: a pixel, or with `group` a product."""
        return "product" if self.group else "pixel"

    @property
    def in_default_order(self) -> bool:
        """Whether its results are pixels in the order of product, spectrum and pixel."""
        return not self.sort and not self.group


@dataclass(frozen=True, kw_only=True)
class ProductQuery(Query):
    """A search for products by what they and their spectra are; it reads no pixel."""
