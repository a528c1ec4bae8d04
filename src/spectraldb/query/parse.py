"""The grammar of searches: from the parameters of a request to a query."""

from collections.abc import Iterable, Mapping, Sequence

from spectraldb.errors import BadQueryError
from spectraldb.query.conditions import (
    PARAMETERS,
    PRODUCT_TABLES,
    PRODUCT_TYPE,
    find_column,
    read_condition,
)
from spectraldb.query.cone import read_cone
from spectraldb.query.model import (
    DEFAULT_TYPES,
    KINDS,
    Condition,
    PageToken,
    PixelQuery,
    ProductQuery,
    SortKey,
)
from spectraldb.query.paging import INVALID_TOKEN, decode_token
from spectraldb.query.parameters import Parameters
from spectraldb.query.result_columns import AGGREGATES, MATCHED_SPECTRA
from spectraldb.query.values import split
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import PRODUCT_TYPES, Table
from spectraldb.settings import Settings
from spectraldb.sky import Cone

MAX_CONDITIONS = 64
"""Maximum number of conditions in one search."""

Aggregates = Mapping[str, Column]
"""Columns computed for each product, if each result is a product; empty otherwise."""


def parse_pixels(
    pairs: Iterable[tuple[str, str]], settings: Settings, *, unlimited: bool = False
) -> PixelQuery:
    """Parse the parameters of a search for pixels.

    Parameters
    ----------
    pairs
        Decoded names and values, in any order; names can be repeated.
    settings
        Source of the default limit and the maximum limit.
    unlimited
        Whether to return all results by default, and to accept any `limit`.

    Raises
    ------
    BadQueryError
        If a name is unknown or a value is invalid.
    """
    parameters = _read(pairs)
    conditions = _conditions(parameters)
    group = parameters.boolean("group")
    aggregates = AGGREGATES if group else {}
    sort = _sort(parameters, aggregates)
    after = _after(parameters, sort, tie_breakers=1 if group else 3)
    return PixelQuery(
        conditions=_without_product_type(conditions),
        columns=_columns(parameters, conditions, sort, aggregates),
        product_types=_product_types(conditions, DEFAULT_TYPES),
        cone=_cone(parameters),
        group=group,
        sort=sort,
        limit=_limit(parameters, settings, unlimited=unlimited),
        after=after,
        version=_version(parameters, after),
    )


def parse_products(
    pairs: Iterable[tuple[str, str]], settings: Settings, *, unlimited: bool = False
) -> ProductQuery:
    """Parse the parameters of a search for products; see `parse_pixels`.

    Raises
    ------
    BadQueryError
        As in `parse_pixels`, and for conditions on columns of pixels.
    """
    parameters = _read(pairs)
    conditions = _conditions(parameters)
    _check_no_pixels(parameters, conditions)
    aggregates = {MATCHED_SPECTRA.name: MATCHED_SPECTRA}
    sort = _sort(parameters, aggregates)
    after = _after(parameters, sort, tie_breakers=1)
    return ProductQuery(
        conditions=_without_product_type(conditions),
        columns=_columns(parameters, conditions, sort, aggregates),
        product_types=_product_types(conditions, PRODUCT_TYPES),
        cone=_cone(parameters),
        sort=sort,
        limit=_limit(parameters, settings, unlimited=unlimited),
        after=after,
        version=_version(parameters, after),
    )


def _read(pairs: Iterable[tuple[str, str]]) -> Parameters:
    parameters = Parameters(pairs, PARAMETERS)
    if parameters.has("format"):
        raise BadQueryError(
            "format: This is a parameter of the HTTP API. On the command line, use --format."
        )
    return parameters


def _conditions(parameters: Parameters) -> list[Condition]:
    pairs = list(parameters.others)
    if not parameters.has("radius"):
        # Without a radius, ra and dec are conditions on these columns.
        pairs += [(name, text) for name in ("ra", "dec") for text in parameters.texts(name)]
    conditions = [read_condition(*pair) for pair in pairs]
    if len(conditions) > MAX_CONDITIONS:
        raise BadQueryError(
            f"{len(conditions)} conditions exceed the limit of {MAX_CONDITIONS}. Remove some."
        )
    return conditions


def _check_no_pixels(parameters: Parameters, conditions: Sequence[Condition]) -> None:
    """Raise BadQueryError for `group` and for conditions on columns of pixels."""
    if parameters.has("group"):
        raise BadQueryError("group: Each result of this search is a product. Remove the parameter.")
    for condition in conditions:
        if condition.column.table not in PRODUCT_TABLES:
            raise BadQueryError(
                f"{condition.requested_name}: This is a column of pixels, which "
                "this search does not read. To find products that have such "
                "pixels, use `search` with group=true."
            )


def _without_product_type(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    return tuple(c for c in conditions if c.column.name != PRODUCT_TYPE)


def _product_types(conditions: Sequence[Condition], default: frozenset[str]) -> frozenset[str]:
    """Return the product types that the conditions allow; the default if none is on the type."""
    conditions = [c for c in conditions if c.column.name == PRODUCT_TYPE]
    allowed = PRODUCT_TYPES if conditions else default
    for condition in conditions:
        allowed &= _types_of(condition)
    return allowed


def _types_of(condition: Condition) -> frozenset[str]:
    """Return the product types that a condition on the type allows; every product has a type."""
    if condition.operator.tests_presence:
        return frozenset() if condition.values[0] else PRODUCT_TYPES
    values = frozenset(map(str, condition.values))
    return PRODUCT_TYPES - values if condition.operator.key == "ne" else values


def _cone(parameters: Parameters) -> Cone | None:
    if not parameters.has("radius"):
        return None
    for name in ("ra", "dec"):
        if not parameters.has(name):
            raise BadQueryError(f"radius: Requires ra and dec; {name} is missing.")
    return read_cone(*(parameters.single(name) for name in ("ra", "dec", "radius")))


def _sort(parameters: Parameters, aggregates: Aggregates) -> tuple[SortKey, ...]:
    names = [name for text in parameters.texts("sort_by") for name in split(text) if name]
    return tuple(_sort_key(name, aggregates) for name in names)


def _sort_key(text: str, aggregates: Aggregates) -> SortKey:
    name = text.lstrip("-+")
    column = aggregates.get(name) or find_column(name)
    if _differs_within_product(name, column, aggregates):
        raise BadQueryError(
            f"sort_by: {name} differs within a product. When each result is "
            "a product, sort by columns of the product or by "
            f"{', '.join(aggregates)}."
        )
    return SortKey(column, descending=text.startswith("-"))


def _differs_within_product(name: str, column: Column, aggregates: Aggregates) -> bool:
    return bool(aggregates) and name not in aggregates and column.table is not Table.PRODUCT


def _columns(
    parameters: Parameters,
    conditions: Sequence[Condition],
    sort: Sequence[SortKey],
    aggregates: Aggregates,
) -> tuple[tuple[str, Column], ...]:
    """Return the columns named by conditions, sort keys, a cone and the parameter `columns`."""
    columns = {condition.requested_name: condition.column for condition in conditions}
    columns |= {key.column.name: key.column for key in sort}
    if parameters.has("radius"):
        columns |= {name: by_name()[name] for name in ("ra", "dec")}
    columns |= _requested_columns(parameters, aggregates)
    return tuple((name, column) for name, column in columns.items() if name not in aggregates)


def _requested_columns(parameters: Parameters, aggregates: Aggregates) -> dict[str, Column]:
    texts = (text.strip().strip("[]") for text in parameters.texts("columns"))
    names = [name for text in texts for name in split(text) if name]
    columns = {name: aggregates.get(name) or find_column(name) for name in names}
    for name, column in columns.items():
        if _differs_within_product(name, column, aggregates):
            raise BadQueryError(
                f"columns: {name} differs within a product. When each result is "
                "a product, request columns of the product, such as targetName. "
                "The results of a search without `group` are pixels, with all columns."
            )
    return columns


def _after(
    parameters: Parameters, sort: tuple[SortKey, ...], *, tie_breakers: int
) -> PageToken | None:
    """Return the page token; it has the values of the sort keys and `tie_breakers` numbers."""
    if not parameters.has("after"):
        return None
    after = decode_token(parameters.single("after"))
    kinds = [KINDS[key.column.dtype] for key in sort] + ["number"] * tie_breakers
    fits = len(kinds) == len(after.keys) and all(
        value is None or (kind == "string") == isinstance(value, str)
        for kind, value in zip(kinds, after.keys, strict=True)
    )
    if not fits:
        raise BadQueryError(INVALID_TOKEN)
    return after


def _limit(parameters: Parameters, settings: Settings, *, unlimited: bool) -> int | None:
    if not parameters.has("limit"):
        return None if unlimited else settings.default_limit
    limit = parameters.integer("limit")
    if unlimited and limit:
        return limit
    if not 1 <= limit <= settings.max_limit:
        raise BadQueryError(
            f"limit: Must be between 1 and {settings.max_limit:,}. To get more results, get one "
            "page after another."
        )
    return limit


def _version(parameters: Parameters, after: PageToken | None) -> int | None:
    if after is not None:
        return after.version
    return parameters.integer("version") if parameters.has("version") else None
