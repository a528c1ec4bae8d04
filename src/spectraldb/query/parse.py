"""The parameters of a request become a Query: the grammar of URL and command line."""

from collections.abc import Iterable, Mapping, Sequence

from spectraldb.errors import BadQueryError
from spectraldb.query import paging as cursor
from spectraldb.query.conditions import (
    PARAMETERS,
    PRODUCT_TABLES,
    PRODUCT_TYPE,
    find_column,
    read_condition,
)
from spectraldb.query.cone import read_cone
from spectraldb.query.model import DEFAULT_TYPES, KINDS, Condition, Cursor, Query, SortKey
from spectraldb.query.sql.pixels import AGGREGATES
from spectraldb.query.sql.products import MATCHED
from spectraldb.query.values import split
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import PRODUCT_TYPES, Table
from spectraldb.settings import Settings
from spectraldb.sky import Cone

MOST_CONDITIONS = 64


def parse(
    pairs: Iterable[tuple[str, str]],
    settings: Settings,
    *,
    everything: bool = False,
    products: bool = False,
) -> Query:
    """Return the query that parameters ask for.

    Parameters
    ----------
    pairs
        Names and values, decoded, in any order; a name may come several times.
    settings
        For the limits.
    everything
        Whether the answer is to be whole: no limit where none is named, and none to what is.
    products
        Whether products are searched for, and not pixels.

    Raises
    ------
    BadQueryError
        If a name is not known, or a value is none of its kind; the message says what to do.
    """
    words: dict[str, list[str]] = {name: [] for name in PARAMETERS}
    others = []
    for name, text in pairs:
        if name in words:
            words[name].append(text)
        else:
            others.append((name, text))
    if words["format"]:
        raise BadQueryError(
            "format: goes with `search` over HTTP; on the command line it is --format"
        )
    conditions = [read_condition(*pair) for pair in (*others, *_positions(words))]
    if len(conditions) > MOST_CONDITIONS:
        raise BadQueryError(f"{len(conditions)} conditions are too many: {MOST_CONDITIONS} at most")
    if products:
        _check_products(conditions, words)
    group = products or _bool("group", words)
    aggregates = {MATCHED.name: MATCHED} if products else AGGREGATES if group else {}
    sort = _sort(words["sort_by"], aggregates)
    after = _after(words, sort, group=group)
    asked = _asked(conditions, sort, words) | _columns(words, aggregates)
    return Query(
        conditions=tuple(c for c in conditions if c.column.name != PRODUCT_TYPE),
        product_types=_product_types(
            [c for c in conditions if c.column.name == PRODUCT_TYPE],
            PRODUCT_TYPES if products else DEFAULT_TYPES,
        ),
        cone=_cone(words),
        columns=tuple((n, c) for n, c in asked.items() if n not in aggregates),
        group=group,
        sort=sort,
        limit=_limit(words, settings, everything=everything),
        after=after,
        version=_version(words) if after is None else after.version,
    )


def _check_products(conditions: Sequence[Condition], words: dict[str, list[str]]) -> None:
    """Raise BadQueryError where a search for products is given what only pixels have."""
    if words["group"]:
        raise BadQueryError("group: each result is a product here; leave it out")
    for condition in conditions:
        if condition.column.table not in PRODUCT_TABLES:
            raise BadQueryError(
                f"{condition.asked}: a column of pixels, and no pixel is looked at here; `search` "
                "with group=True finds the products that have such pixels"
            )


def _positions(words: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return what ra and dec are without a radius: conditions on these columns."""
    if words["radius"]:
        return []
    return [(name, text) for name in ("ra", "dec") for text in words[name]]


def _cone(words: dict[str, list[str]]) -> Cone | None:
    if not words["radius"]:
        return None
    for name in ("ra", "dec"):
        if not words[name]:
            raise BadQueryError(f"radius: goes with ra and dec; {name} is missing")
    return read_cone(*(_single(name, words) for name in ("ra", "dec", "radius")))


def _asked(
    conditions: Sequence[Condition], sort: Sequence[SortKey], words: dict[str, list[str]]
) -> dict[str, Column]:
    """Return the columns that conditions, the order and a circle name."""
    asked = {condition.asked: condition.column for condition in conditions}
    asked |= {key.column.name: key.column for key in sort}
    if words["radius"]:
        asked |= {name: by_name()[name] for name in ("ra", "dec")}
    return asked


def _sort(texts: Sequence[str], aggregates: Mapping[str, Column]) -> tuple[SortKey, ...]:
    names = [name for text in texts for name in split(text) if name]
    return tuple(_sort_key(name, aggregates) for name in names)


def _sort_key(text: str, aggregates: Mapping[str, Column]) -> SortKey:
    name = text.lstrip("-+")
    column = aggregates.get(name) or find_column(name)
    if aggregates and name not in aggregates and column.table is not Table.PRODUCT:
        raise BadQueryError(
            f"sort_by: {name} differs within a product; where each result is a product, order by "
            f"columns of the product or by {', '.join(aggregates)}"
        )
    return SortKey(column, descending=text.startswith("-"))


def _after(words: dict[str, list[str]], sort: tuple[SortKey, ...], *, group: bool) -> Cursor | None:
    if not words["after"]:
        return None
    after = cursor.decode(_single("after", words))
    kinds = [KINDS[key.column.dtype] for key in sort] + ["number"] * (1 if group else 3)
    fits = len(kinds) == len(after.place) and all(
        value is None or (kind == "string") == isinstance(value, str)
        for kind, value in zip(kinds, after.place, strict=True)
    )
    if not fits:
        raise BadQueryError(cursor.WRONG)
    return after


def _product_types(conditions: Sequence[Condition], default: frozenset[str]) -> frozenset[str]:
    """Return the types of product that conditions on it leave, or the default without any."""
    left = PRODUCT_TYPES if conditions else default
    for condition in conditions:
        values = {str(value) for value in condition.values}
        left = left - values if condition.operator.key == "ne" else left & values
    return left


def _columns(words: dict[str, list[str]], aggregates: Mapping[str, Column]) -> dict[str, Column]:
    names = [name for text in words["columns"] for name in split(text.strip().strip("[]")) if name]
    columns = {name: aggregates.get(name) or find_column(name) for name in names}
    for name, column in columns.items():
        if aggregates and name not in aggregates and column.table is not Table.PRODUCT:
            raise BadQueryError(
                f"columns: {name} differs within a product; where each result is a product, ask "
                "for columns of the product, such as targetName; `search` without group has pixels"
            )
    return columns


def _single(name: str, words: dict[str, list[str]]) -> str:
    if len(words[name]) > 1:
        raise BadQueryError(f"{name}: given {len(words[name])} times; give it once")
    return words[name][0].strip()


def _bool(name: str, words: dict[str, list[str]]) -> bool:
    if not words[name]:
        return False
    word = _single(name, words).lower()
    if word not in ("true", "false", "1", "0"):
        raise BadQueryError(f"{name}: {word!r} is neither True nor False")
    return word in ("true", "1")


def _limit(words: dict[str, list[str]], settings: Settings, *, everything: bool) -> int | None:
    if not words["limit"]:
        return None if everything else settings.default_limit
    limit = _integer("limit", _single("limit", words))
    if everything and limit:
        return limit
    if not 1 <= limit <= settings.max_limit:
        raise BadQueryError(
            f"limit: from 1 to {settings.max_limit}; more results come page by page, by `next`"
        )
    return limit


def _version(words: dict[str, list[str]]) -> int | None:
    if not words["version"]:
        return None
    return _integer("version", _single("version", words))


def _integer(name: str, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise BadQueryError(f"{name}: {text!r} is not a whole number") from None
    if not 0 <= number < 2**63:
        raise BadQueryError(f"{name}: {number} is out of range")
    return number
