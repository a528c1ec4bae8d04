"""Conversion of the values of a request to the types of their columns."""

import csv
import difflib
import math

from spectraldb.errors import BadQueryError
from spectraldb.query.model import KINDS, Value
from spectraldb.query.operators import Operator
from spectraldb.schema.column import Column
from spectraldb.schema.dq_flags import DQ_FLAGS, OLD_DQ_FLAGS

_TRUE, _FALSE = {"true", "1", "yes", "t"}, {"false", "0", "no", "f"}
_LONGEST = 2**63


def split(text: str) -> list[str]:
    """Return the values of a comma-separated list; values in double quotes can contain commas.

    Raises
    ------
    BadQueryError
        If the text contains a line break, or is too long for the `csv` module.
    """
    try:
        return [word.strip() for word in next(csv.reader([text], skipinitialspace=True), [""])]
    except csv.Error as error:
        raise BadQueryError(f"{text!r} is not a list of values: {error}") from error


def read_value(name: str, column: Column, text: str) -> Value:
    """Return a value in the type of its column.

    Raises
    ------
    BadQueryError
        If the text is not a value of that type, or not one of the allowed values.
    """
    kind = KINDS[column.dtype]
    if kind == "bool":
        return read_boolean(name, text)
    if kind == "number":
        return _number(name, column, text)
    return _string(name, column, text)


def read_boolean(name: str, text: str) -> bool:
    """Return a boolean; true, 1, yes, t and their opposites are accepted in any case.

    Raises
    ------
    BadQueryError
        If the text is neither true nor false.
    """
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise BadQueryError(f"{name}: {text!r} is neither true nor false.")
    return word in _TRUE


def read_flag(name: str, text: str) -> int:
    """Return a flag from its mnemonic, or a sum of flags from a number.

    Raises
    ------
    BadQueryError
        If the text is neither a mnemonic nor a number, or the number is no sum of flags.
    """
    mnemonic = text.upper()
    value = DQ_FLAGS.get(OLD_DQ_FLAGS.get(mnemonic, mnemonic))
    if value is None:
        if not (text.isascii() and text.isdigit()):
            near = difflib.get_close_matches(text.upper(), DQ_FLAGS, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Flags: {', '.join(DQ_FLAGS)}."
            raise BadQueryError(f"{name}: Unknown flag {text!r}. {hint}")
        value = int(text)
    if not 0 < value < 2 * DQ_FLAGS["REFERENCE_PIXEL"]:
        raise BadQueryError(f"{name}: {text} is not a sum of flags. Example: {name}=1.")
    return value


def _number(name: str, column: Column, text: str) -> float | int:
    try:
        number = float(text.replace("_", "?"))  # Python accepts 1_000
    except ValueError:
        example = column.example.split(",")[0]
        message = f"{name}: {text!r} is not a number. Example: {name}={example}."
        raise BadQueryError(message) from None
    if not math.isfinite(number):
        raise BadQueryError(f"{name}: {text!r} is not a finite number.")
    if column.dtype in ("int", "long") and number.is_integer() and abs(number) < _LONGEST:
        return int(text) if text.lstrip("+-").isdigit() else int(number)
    return number


def _string(name: str, column: Column, text: str) -> str:
    if column.allowed_values:
        word = next((w for w in column.allowed_values if w.lower() == text.lower()), None)
        if word is None:
            known = ", ".join(sorted(column.allowed_values))
            raise BadQueryError(f"{name}: Unknown value {text!r}. Values: {known}.")
        return word
    return text.zfill(column.digits) if text.isdigit() else text


def check_count(name: str, operator: Operator, values: list[str]) -> None:
    """Raise BadQueryError if a range does not have two values."""
    if operator.takes == "two" and len(values) != 2:
        hint = f"Example: {operator.example}."
        if len(values) > 2:
            column = name.partition(".")[0]
            hint = f"To match any of several values, write {column}.in={','.join(values)}."
        raise BadQueryError(f"{name}: A range takes two values. {hint}")


def check_order(name: str, values: tuple[Value, ...]) -> None:
    """Raise BadQueryError if the first value of a range is greater than the second."""
    low, high = (value.lower() if isinstance(value, str) else value for value in values)
    if sorted([low, high], key=lambda value: value) != [low, high]:
        raise empty_range(name, low, high)


def empty_range(name: str, low: Value, high: Value) -> BadQueryError:
    """Return the error for a range whose first value is greater than the second."""
    return BadQueryError(f"{name}: The range {low},{high} is empty. Write the lower value first.")
