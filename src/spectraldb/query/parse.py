"""The parameters of a request become a Query: the grammar of URL and command line."""

from collections.abc import Iterable, Sequence

from spectraldb.errors import BadQueryError
from spectraldb.query import cursor
from spectraldb.query.compile import AGGREGATES
from spectraldb.query.conditions import PARAMETERS, PRODUCT_TYPE, find_column, read_condition
from spectraldb.query.cone import read_cone
from spectraldb.query.query import DEFAULT_TYPES, KINDS, Condition, Cone, Cursor, Query, SortKey
from spectraldb.query.values import split
from spectraldb.settings import Settings
from spectraldb.vocabulary import PRODUCT_TYPES, Column, Table, by_name

MOST_CONDITIONS = 64


def parse(
    pairs: Iterable[tuple[str, str]], settings: Settings, *, everything: bool = False
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
    group = _bool("group", words)
    sort = _sort(words["sort_by"], group=group)
    after = _after(words, sort, group=group)
    return Query(
        conditions=tuple(c for c in conditions if c.column.name != PRODUCT_TYPE),
        product_types=_product_types([c for c in conditions if c.column.name == PRODUCT_TYPE]),
        cone=_cone(words),
        columns=tuple((_asked(conditions, sort, words) | _columns(words, group=group)).items()),
        group=group,
        sort=sort,
        limit=_limit(words, settings, everything=everything),
        after=after,
        version=_version(words) if after is None else after.version,
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
    asked |= {key.column.name: key.column for key in sort if key.column.name not in AGGREGATES}
    if words["radius"]:
        asked |= {name: by_name()[name] for name in ("ra", "dec")}
    return asked


def _sort(texts: Sequence[str], *, group: bool) -> tuple[SortKey, ...]:
    names = [name for text in texts for name in split(text) if name]
    return tuple(_sort_key(name, group=group) for name in names)


def _sort_key(text: str, *, group: bool) -> SortKey:
    name = text.lstrip("-+")
    column = AGGREGATES.get(name) if group else None
    column = column or find_column(name)
    if group and name not in AGGREGATES and column.table is not Table.PRODUCT:
        raise BadQueryError(
            f"sort_by: {name} differs within a product; with group=True order by columns of the "
            f"product or by {', '.join(AGGREGATES)}"
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


def _product_types(conditions: Sequence[Condition]) -> frozenset[str]:
    """Return the types of product that conditions on it leave."""
    left = PRODUCT_TYPES if conditions else DEFAULT_TYPES
    for condition in conditions:
        values = {str(value) for value in condition.values}
        left = left - values if condition.operator.key == "ne" else left & values
    return left


def _columns(words: dict[str, list[str]], *, group: bool) -> dict[str, Column]:
    names = [name for text in words["columns"] for name in split(text.strip().strip("[]")) if name]
    columns = {name: find_column(name) for name in names}
    for name, column in columns.items():
        if group and column.table is not Table.PRODUCT:
            raise BadQueryError(
                f"columns: {name} differs within a product; with group=True ask for columns of "
                "the product, such as targetName, or leave group out"
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
