"""Masks of the rows that meet a condition, computed with numpy.

`spectraldb.query.sql` says the same in SQL.  Both take what an operator does from
`spectraldb.query.operators`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable, searched_texts
from spectraldb.query.conversion import ConvertedCondition, convert_condition
from spectraldb.query.model import Condition, Value
from spectraldb.query.operators import Operator


@dataclass(frozen=True)
class Numbers:
    """Numbers or booleans of some rows."""

    values: Array
    """Shape (rows,); NaN for null in floating-point numbers."""
    present: Array | None = None
    """Mask of the rows that are not null; None if all are, or if null is NaN."""


class Rows(Protocol):
    """Rows of products, spectra or pixels."""

    @property
    def products(self) -> ProductTable:
        """The products of the version."""

    @property
    def product_index(self) -> Array:
        """Row index of the product of each row, shape (rows,)."""

    def numbers(self, name: str) -> Numbers:
        """Return a column of numbers or booleans."""

    def texts(self, name: str) -> pa.DictionaryArray:
        """Return a column of text."""


def condition_mask(condition: Condition, rows: Rows, units: Sequence[str]) -> Array:
    """Return the mask of the rows that meet a condition, shape (rows,).

    Parameters
    ----------
    condition
        A condition on a column of the rows.
    rows
        The rows.
    units
        Units of the products in the column's unit column, for a condition with a unit.
    """
    column = condition.column
    if condition.unit:
        return _mask_in_units(condition, rows, units)
    if column.dtype == "string":
        return _text_mask(condition, rows.texts(column.name))
    return _number_mask(condition.operator, rows.numbers(column.name), condition.values)


def _number_mask(operator: Operator, numbers: Numbers, values: Sequence[Any]) -> Array:
    data, present = numbers.values, numbers.present
    if operator.tests_presence and data.dtype.kind != "f":
        # No integer is NaN, so the mask says which rows are present.
        present = np.ones(len(data), bool) if present is None else present
        return np.asarray(present != values[0], bool)
    operands = values if operator.tests_flags else [_operand(value) for value in values]
    mask = operator.mask(data, operands)
    return mask if present is None else mask & present


def _operand(value: Any) -> Any:  # noqa: ANN401 - a number, or an array of numbers
    """Return a number as an array of one float64 or int64.

    NumPy rounds other numbers to the type of a column; before version 2, scalars too.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return np.array([value], np.float64 if isinstance(value, float) else np.int64)


def _text_mask(condition: Condition, texts: pa.DictionaryArray) -> Array:
    operator = condition.operator
    present = np.asarray(texts.is_valid())
    if operator.tests_presence:
        return np.asarray(present != condition.values[0], bool)
    if not len(texts.dictionary):
        return present  # all are null
    distinct = searched_texts(texts.dictionary, condition.column).to_numpy(zero_copy_only=False)
    searched = condition.column.searched_text
    matches = operator.mask(distinct, [searched(str(value)) for value in condition.values])
    return np.asarray(matches[texts.indices.fill_null(0).to_numpy()] & present, bool)


def _mask_in_units(condition: Condition, rows: Rows, units: Sequence[str]) -> Array:
    """Return the mask in the unit of each row's product; False if that unit is incompatible."""
    product_index = rows.product_index
    mask = np.zeros(len(product_index), bool)
    for converted in convert_condition(condition, units):
        has_unit = rows.products.has_unit(condition.column.unit_from, converted.unit)
        has_unit = has_unit[product_index]
        if has_unit.any():
            mask |= has_unit & _converted_mask(condition, converted, rows)
    return mask


def _converted_mask(condition: Condition, converted: ConvertedCondition, rows: Rows) -> Array:
    """Compare with converted values; see `spectraldb.query.sql.expressions` for the formula."""
    numbers = rows.numbers(condition.column.name)
    powers = {"wavelength": converted.wavelength_power, "pixelArea": converted.area_power}
    data = numbers.values
    values: list[Value | Array] = list(converted.values)
    for name, power in powers.items():
        if power:
            factor = _factor(name, rows)
            for _ in range(abs(power)):
                if power > 0:
                    values = [value * factor for value in values]
                else:
                    data = data * factor
    mask = _number_mask(condition.operator, Numbers(data, numbers.present), values)
    known = [~np.isnan(_factor(name, rows)) for name, power in powers.items() if power]
    return np.asarray(np.logical_and.reduce([mask, *known]))


def _factor(name: str, rows: Rows) -> Array:
    if name == "pixelArea":
        return rows.products.numbers(name)[rows.product_index]
    return np.asarray(rows.numbers(name).values, np.float64)
