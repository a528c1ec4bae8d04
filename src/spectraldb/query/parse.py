"""The parameters of a request become a Query: the grammar of URL and command line."""

import difflib
from collections.abc import Iterable, Sequence

from spectraldb.errors import BadQueryError
from spectraldb.query import cursor
from spectraldb.query.operators import OPERATORS, Operator, default_operator
from spectraldb.query.query import DEFAULT_TYPES, KINDS, Condition, Query
from spectraldb.query.values import check_count, check_order, read_value, split
from spectraldb.settings import Settings
from spectraldb.vocabulary import PRODUCT_TYPES, Column, Table, by_name

PRODUCT_TYPE = "productType"

MOST_CONDITIONS = 64

PARAMETERS = {
    "columns": "further columns to answer with, such as targetName,targetRA,targetDec",
    "group": "True: one result for each product, with the number of pixels that match",
    "limit": "how many results at the most",
    "after": "where the page begins; part of the URL in `next`",
    "version": "version of the lake to search, as an earlier answer told it",
}
"""The parameters that are no conditions."""


def parse(pairs: Iterable[tuple[str, str]], settings: Settings) -> Query:
    """Return the query that parameters ask for.

    Parameters
    ----------
    pairs
        Names and values, decoded, in any order; a name may come several times.
    settings
        For the limits.

    Raises
    ------
    BadQueryError
        If a name is not known, or a value is none of its kind; the message says what to do.
    """
    conditions: list[Condition] = []
    words: dict[str, list[str]] = {name: [] for name in PARAMETERS}
    for name, text in pairs:
        if name in words:
            words[name].append(text)
        else:
            conditions += _condition(name, text)
    after = cursor.decode(_single("after", words)) if words["after"] else None
    group = _bool("group", words)
    if len(conditions) > MOST_CONDITIONS:
        raise BadQueryError(f"{len(conditions)} conditions are too many: {MOST_CONDITIONS} at most")
    asked = {condition.asked: condition.column for condition in conditions}
    return Query(
        conditions=tuple(c for c in conditions if c.column.name != PRODUCT_TYPE),
        product_types=_product_types([c for c in conditions if c.column.name == PRODUCT_TYPE]),
        columns=tuple((asked | _columns(words["columns"], group=group)).items()),
        group=group,
        limit=_limit(words, settings),
        after=after,
        version=_version(words) if after is None else after.version,
    )


def _condition(name: str, text: str) -> list[Condition]:
    column_name, dot, key = name.partition(".")
    column = find_column(column_name)
    kind = KINDS[column.dtype]
    if not text.strip():
        raise BadQueryError(f"{name}: there is no value; write it as in {name}={column.example}")
    operator = _operator(name, key, column) if dot else None
    takes_list = operator is None or operator.takes != "one"
    values = split(text) if takes_list else [text.strip()]
    if column.name == PRODUCT_TYPE and [value.lower() for value in values] == ["all"]:
        values = sorted(PRODUCT_TYPES)
    operator = operator or default_operator(kind, len(values))
    check_count(name, operator, values)
    typed = tuple(
        value if operator.key == "like" else read_value(name, column, value) for value in values
    )
    if operator.takes == "two":
        check_order(name, typed)
    return [Condition(column, operator, typed, column_name)]


def find_column(name: str) -> Column:
    """Return the column of that name.

    Raises
    ------
    BadQueryError
        If there is none; the message names the nearest.
    """
    column = by_name().get(name)
    if column is None:
        raise BadQueryError(f"there is no column {name!r}{_suggestion(name)}")
    return column


def _suggestion(name: str) -> str:
    known = {known.lower(): known for known in (*by_name(), *PARAMETERS)}
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {known[near[0]]!r}?"
    return "; /spectra/docs and `spectraldb search --help` list those there are"


def _operator(name: str, key: str, column: Column) -> Operator:
    operator = OPERATORS.get(key)
    if operator is None:
        raise BadQueryError(
            f"{name}: there is no operator {key!r}; there are {', '.join(OPERATORS)}"
        )
    if not column_takes(column, operator):
        raise BadQueryError(f"{name}: {key!r} does not go with {column.name}, a {column.dtype}")
    return operator


def column_takes(column: Column, operator: Operator) -> bool:
    """Tell whether an operator goes with a column."""
    return KINDS[column.dtype] in operator.kinds and (not column.words or operator.chooses)


def _product_types(conditions: Sequence[Condition]) -> frozenset[str]:
    """Return the types of product that conditions on it leave."""
    left = PRODUCT_TYPES if conditions else DEFAULT_TYPES
    for condition in conditions:
        values = {str(value) for value in condition.values}
        left = left - values if condition.operator.key == "ne" else left & values
    return left


def _columns(texts: Sequence[str], *, group: bool) -> dict[str, Column]:
    names = [name for text in texts for name in split(text.strip().strip("[]")) if name]
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


def _limit(words: dict[str, list[str]], settings: Settings) -> int:
    if not words["limit"]:
        return settings.default_limit
    limit = _integer("limit", _single("limit", words))
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
