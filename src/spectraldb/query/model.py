"""The model of a search, common to the API, the command line and the client."""

from dataclasses import dataclass

from spectraldb.query.operators import Kind, Operator
from spectraldb.schema.column import Column, DType
from spectraldb.schema.tables import PRODUCT_TYPES
from spectraldb.sky import Cone

Value = str | int | float | bool

DEFAULT_TYPES = frozenset({"x1d"})
"""The product types that a search for pixels covers by default."""

KINDS: dict[DType, Kind] = {
    "string": "string",
    "float": "number",
    "int": "number",
    "long": "number",
    "bool": "bool",
}
"""The kind of the values of a column, by the column's type."""


@dataclass(frozen=True)
class Condition:
    """A comparison of a column with one or more values."""

    column: Column
    operator: Operator
    values: tuple[Value, ...]
    requested_name: str
    """Name of the column in the request, possibly an alias; results use this name."""
    unit: str = ""
    """Unit of the values, if the unit of the column varies from product to product."""


@dataclass(frozen=True)
class SortKey:
    """A column by which results are sorted."""

    column: Column
    descending: bool = False


@dataclass(frozen=True)
class PageToken:
    """The position of the last row of a page, and the version of the lake it was read from."""

    version: int
    keys: tuple[Value | None, ...]
    """Values of the sort keys in that row, then of the columns that break ties."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """Fields common to searches for pixels and searches for products."""

    conditions: tuple[Condition, ...] = ()
    """All conditions except those on the product type."""
    product_types: frozenset[str] = PRODUCT_TYPES
    cone: Cone | None = None
    columns: tuple[tuple[str, Column], ...] = ()
    """Columns of the results in addition to the default ones, with their requested names."""
    sort: tuple[SortKey, ...] = ()
    limit: int | None = 1_000
    """Maximum number of results; None for all."""
    after: PageToken | None = None
    version: int | None = None
    """The version of the lake; None for the newest."""

    @property
    def result_noun(self) -> str:
        """Noun for one result in messages."""
        return "product"


@dataclass(frozen=True, kw_only=True)
class PixelQuery(Query):
    """A search for pixels."""

    product_types: frozenset[str] = DEFAULT_TYPES
    group: bool = False
    """Whether matching pixels are grouped by product, with one result per product."""
    id_range: tuple[int, int] | None = None
    """Lowest and highest productId of one part of a long result."""

    @property
    def result_noun(self) -> str:
        """Noun for one result in messages: a pixel, or a product if results are grouped."""
        return "product" if self.group else "pixel"

    @property
    def in_default_order(self) -> bool:
        """Whether the results are pixels, sorted by product, spectrum and pixel."""
        return not self.sort and not self.group


@dataclass(frozen=True, kw_only=True)
class ProductQuery(Query):
    """A search for products by columns of products and spectra; it reads no pixels."""
