"""Parsing of a condition: a column, an operator, values and an optional unit."""

import difflib
from dataclasses import replace

from spectraldb.errors import BadQueryError
from spectraldb.query.conversion import reverses_order
from spectraldb.query.dates import date_condition, read_span
from spectraldb.query.model import KINDS, Condition, Value
from spectraldb.query.operators import OPERATORS, Operator, default_operator
from spectraldb.query.units import convert_to_unit, split_units
from spectraldb.query.values import (
    check_count,
    check_order,
    empty_range,
    read_boolean,
    read_flag,
    read_value,
    split,
)
from spectraldb.schema.column import Column
from spectraldb.schema.columns import by_name
from spectraldb.schema.tables import PRODUCT_TYPES, Table

PRODUCT_TYPE = "productType"

PARAMETERS = {
    "columns": "additional columns in the results, such as targetName,targetRA,targetDec",
    "group": "true for one result per product, with its number of matching pixels",
    "ra": "right ascension of the centre of a circle, in combination with dec and radius",
    "dec": "declination of the centre of the circle",
    "radius": "radius of the circle, in degrees or with a unit such as 5arcsec; a spectrum matches "
    "if its position is in the circle",
    "sort_by": "columns to sort by, with a minus before the name for descending order, as in "
    "-flux,wavelength",
    "limit": "maximum number of results",
    "after": "token of the page to return; part of the URL in `next`",
    "format": "json for one page of results; csv, arrow, parquet, votable or fits for all results",
    "version": "version of the lake to search, as returned by an earlier search",
}
"""The parameters that are not conditions, with their descriptions."""

PRODUCT_PARAMETERS = {name: text for name, text in PARAMETERS.items() if name != "group"} | {
    "sort_by": "columns of the product, or matchedSpectra, to sort by, with a minus before the "
    "name for descending order, as in -matchedSpectra,targetName"
}
"""The parameters of a search for products that are not conditions."""

PRODUCT_TABLES = (Table.PRODUCT, Table.SPECTRUM)
"""The tables whose columns a search for products accepts in conditions."""


def read_condition(name: str, text: str) -> Condition:
    """Parse a condition.

    Parameters
    ----------
    name
        Name of a column, optionally followed by a dot and an operator, as in ``flux.gte``.
    text
        Value or comma-separated values, with an optional unit.

    Raises
    ------
    BadQueryError
        If the column, the operator or the unit is unknown, or a value is invalid.
    """
    column_name, dot, key = name.partition(".")
    column = find_column(column_name)
    kind = KINDS[column.dtype]
    operator = _operator(name, key, column) if dot else None
    if not text.strip():
        example = "true" if operator and operator.tests_presence else column.example
        raise BadQueryError(f"{name}: The value is missing. Example: {name}={example}.")
    if operator is not None and operator.tests_presence:
        return Condition(column, operator, (read_boolean(name, text.strip()),), column_name)
    takes_list = operator is None or operator.takes != "one"
    values = split(text) if takes_list else [text.strip()]
    if not takes_list and kind == "number" and len(split(text)) > 1:
        raise BadQueryError(f"{name}: Takes one value, but {text.strip()!r} has several.")
    if column.name == PRODUCT_TYPE and [value.lower() for value in values] == ["all"]:
        values = sorted(PRODUCT_TYPES)
    unit = ""
    if kind == "number" and not (operator and operator.tests_flags):
        values, unit = split_units(name, column, values)
    is_range = kind == "number" or column.is_date
    operator = operator or default_operator("number" if is_range else kind, len(values))
    check_count(name, operator, values)
    if column.is_date and operator.key != "like":
        return _date_condition(Condition(column, operator, (), column_name, unit), name, values)
    typed = tuple(_typed(name, column, operator, value) for value in values)
    condition = Condition(column, operator, typed, column_name)
    if unit:
        return _with_unit(name, condition, unit)
    if operator.takes == "two":
        check_order(name, typed)
    return condition


def _date_condition(condition: Condition, name: str, texts: list[str]) -> Condition:
    spans = [read_span(name, condition.column, text) for text in texts]
    if condition.operator.takes == "two" and not spans[0].precedes(spans[1]):
        raise empty_range(name, *texts)
    # Numbers with a unit are in days, like the columns of dates.
    return date_condition(replace(condition, unit=""), spans)


def _typed(name: str, column: Column, operator: Operator, text: str) -> Value:
    if operator.key == "like":
        return text
    return read_flag(name, text) if operator.tests_flags else read_value(name, column, text)


def _with_unit(name: str, condition: Condition, unit: str) -> Condition:
    """Convert a condition to the unit of its column, or keep its unit if the column's varies."""
    column = condition.column
    values = convert_to_unit(name, column, condition.values, unit)
    if condition.operator.takes == "two":
        if reverses_order(column, unit):
            values = tuple(sorted(values, key=float))
        else:
            check_order(name, condition.values)
    return replace(condition, values=values, unit=unit if column.unit_from else "")


def find_column(name: str) -> Column:
    """Return the column with a name or an alias.

    Raises
    ------
    BadQueryError
        If the column is unknown; the message suggests the nearest name.
    """
    column = by_name().get(name)
    if column is None:
        raise BadQueryError(f"Unknown column {name!r}.{_suggestion(name)}")
    return column


def _suggestion(name: str) -> str:
    column, underscores, key = name.rpartition("_")
    if underscores and key in OPERATORS and column.rstrip("_") in by_name():
        column = column.rstrip("_")
        return f" Did you mean '{column}.{key}' (in Python: {column}__{key})?"
    known = {known.lower(): known for known in (*by_name(), *PARAMETERS)}
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    if near:
        return f" Did you mean {known[near[0]]!r}?"
    return " All columns are listed at /spectra/docs and by `spectraldb search --help`."


def _operator(name: str, key: str, column: Column) -> Operator:
    operator = OPERATORS.get(key)
    if operator is None:
        near = difflib.get_close_matches(key, OPERATORS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise BadQueryError(
            f"{name}: Unknown operator {key!r}.{hint} Operators: {', '.join(OPERATORS)}."
        )
    if not column_takes(column, operator):
        kind = "a fixed set of values" if column.allowed_values else f"type {column.dtype}"
        known = ", ".join(key for key, each in OPERATORS.items() if column_takes(column, each))
        raise BadQueryError(
            f"{name}: The operator {key!r} does not apply to {column.name}, which has {kind}. "
            f"Operators: {known}."
        )
    return operator


def column_takes(column: Column, operator: Operator) -> bool:
    """Return whether an operator applies to a column."""
    if operator.tests_flags:
        return column.has_flags
    return KINDS[column.dtype] in operator.kinds and (
        not column.allowed_values or operator.tests_equality or operator.tests_presence
    )
