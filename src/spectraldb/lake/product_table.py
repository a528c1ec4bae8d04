"""The products of one version of the lake in columnar form, for pruning and joins."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array
from spectraldb.schema.columns import by_name


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
        self._codes: dict[str, dict[str, list[int]]] = {}
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
        return values_at(self._column(name), index)

    def has_unit(self, unit_column: str, unit: str) -> Array:
        """Return a mask of the products with a unit in a column of units, shape (products,)."""
        key = unit_column, unit
        if key not in self._unit_masks:
            same = pc.equal(self.rows[unit_column], unit).fill_null(fill_value=False)
            self._unit_masks[key] = same.to_numpy()
        return self._unit_masks[key]

    def may_have_text(self, name: str, texts: Iterable[str]) -> Array:
        """Return a mask of the products that may match one of several texts, shape (products,).

        Matching is case-insensitive.  Values that are not ASCII always match, because libraries
        differ in their conversion to lower case.

        Parameters
        ----------
        name
            Name of a text column.
        texts
            The texts in the form in which they are compared.
        """
        column = self._column(name)
        if name not in self._codes:
            codes_of: dict[str, list[int]] = {}
            for code, text in enumerate(column.dictionary.to_pylist()):
                form = by_name()[name].searched_text(text) if text.isascii() else ""
                codes_of.setdefault(form, []).append(code)
            self._codes[name] = codes_of
        codes = [code for text in {*texts, ""} for code in self._codes[name].get(text, [])]
        return np.isin(column.indices.fill_null(-1).to_numpy(), codes)

    def _column(self, name: str) -> pa.Array:
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
