"""The products of one version of the lake in columnar form, for pruning and joins."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.schema.column import SEPARATORS, Column
from spectraldb.schema.columns import by_name


@dataclass(frozen=True)
class TextIndex:
    """The rows of each text of a column."""

    codes: dict[str, int]
    """Code of each text, in the form in which it is compared."""
    order: Array
    """Row indices sorted by code, shape (rows,)."""
    sorted_codes: Array
    """Code of each of these rows, -1 for null; shape (rows,)."""

    @classmethod
    def of(cls, values: pa.DictionaryArray, column: Column) -> Self:
        """Index dictionary-encoded values of a column."""
        forms = searched_texts(values.dictionary, column).dictionary_encode()
        of_rows = forms.indices.take(values.indices).fill_null(-1).to_numpy()
        order = np.argsort(of_rows, kind="stable")
        codes = {text: code for code, text in enumerate(forms.dictionary.to_pylist())}
        return cls(codes, order, of_rows[order])

    def rows(self, texts: Iterable[str]) -> Array:
        """Return the ascending indices of the rows with one of several texts."""
        codes = [self.codes[text] for text in set(texts) if text in self.codes]
        begin = np.searchsorted(self.sorted_codes, codes, "left")
        end = np.searchsorted(self.sorted_codes, codes, "right")
        found = [self.order[low:high] for low, high in zip(begin, end, strict=True)]
        if len(found) == 1:
            return found[0]  # the order is stable
        return np.sort(np.concatenate([self.order[:0], *found]))


def searched_texts(texts: pa.StringArray, column: Column) -> pa.StringArray:
    """Return texts of a column in the form in which they are compared; without nulls."""
    is_ascii = pc.equal(pc.binary_length(texts), pc.utf8_length(texts))
    if column.allowed_values or not pc.all(is_ascii).as_py():
        return pa.array([column.searched_text(text) for text in texts.to_pylist()], pa.string())
    forms = pc.ascii_lower(texts)
    if column.ignores_separators:
        for separator in SEPARATORS:
            forms = pc.replace_substring(forms, separator, "")
    return forms


class ProductTable:
    """The columns of DataProduct.

    Thread-safe: caches are filled without a lock; if two threads fill the same entry at the same
    time, they write equal values.

    Parameters
    ----------
    rows
        All rows, sorted by productId.
    """

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        self._encoded: dict[str, pa.Array] = {}
        self._texts: dict[str, TextIndex] = {}
        self._numbers: dict[str, Array] = {}
        self._unit_masks: dict[tuple[str, str], Array] = {}

    @cached_property
    def ids(self) -> Array:
        """Ascending product numbers, shape (products,)."""
        return np.asarray(self.rows["productId"].to_numpy())

    def row_index(self, product_ids: Array) -> Array:
        """Return the row index of each product, or -1 for products that are not in the table."""
        if not len(self.ids):
            return np.full(len(product_ids), -1)
        index = np.minimum(np.searchsorted(self.ids, product_ids), len(self.ids) - 1)
        return np.where(self.ids[index] == product_ids, index, -1)

    def values(self, name: str, index: Array) -> pa.Array:
        """Return the values of a column at row indices, text dictionary-encoded to avoid copies."""
        return values_at(self.column(name), index)

    def has_unit(self, unit_column: str, unit: str) -> Array:
        """Return a mask of the products with a unit in a column of units, shape (products,)."""
        key = unit_column, unit
        if key not in self._unit_masks:
            same = pc.equal(self.rows[unit_column], unit).fill_null(fill_value=False)
            self._unit_masks[key] = same.to_numpy()
        return self._unit_masks[key]

    def numbers(self, name: str) -> Array:
        """Return a column of numbers as float64 with NaN for null, shape (products,)."""
        if name not in self._numbers:
            values = self.rows[name].cast(pa.float64(), safe=False)
            self._numbers[name] = pc.fill_null(values, np.nan).to_numpy()
        return self._numbers[name]

    def rows_with_text(self, name: str, texts: Iterable[str]) -> Array:
        """Return the ascending row indices of the products with one of several texts.

        Parameters
        ----------
        name
            Name of a text column.
        texts
            The texts in the form in which they are compared; see `Column.searched_text`.
        """
        if name not in self._texts:
            self._texts[name] = TextIndex.of(self.column(name), by_name()[name])
        return self._texts[name].rows(texts)

    def column(self, name: str) -> pa.Array:
        """Return a column, text dictionary-encoded; shape (products,)."""
        if name not in self._encoded:
            self._encoded[name] = encode(self.rows[name])
        return self._encoded[name]


def encode(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as a single array, dictionary-encoded if it is text."""
    array = column.combine_chunks()
    return array.dictionary_encode() if pa.types.is_string(array.type) else array


def values_at(column: pa.Array, index: Array) -> pa.Array:
    """Return the values of an array at some indices; a dictionary array keeps its dictionary."""
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(
            column.indices.take(pa.array(index)), column.dictionary
        )
    return column.take(pa.array(index))
