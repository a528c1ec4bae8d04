"""The products of one version of the lake, as columns."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectraldb.arrays import Array


class Products:
    """The rows of DataProduct.

    Parameters
    ----------
    rows
        All rows, in the order of productId.
    """

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        self._encoded: dict[str, pa.Array] = {}
        self._texts: dict[str, dict[str, list[int]]] = {}
        self._units: dict[tuple[str, str], Array] = {}

    @cached_property
    def ids(self) -> Array:
        """Their numbers, in order, shape (products,)."""
        return np.asarray(self.rows["productId"].to_numpy())

    def places(self, product_ids: Array) -> Array:
        """Return the places of products among the rows, -1 for those that are not held."""
        if not len(self.ids):
            return np.full(len(product_ids), -1)
        places = np.minimum(np.searchsorted(self.ids, product_ids), len(self.ids) - 1)
        return np.where(self.ids[places] == product_ids, places, -1)

    def taken(self, name: str, places: Array) -> pa.Array:
        """Return a column of chosen rows; text comes as a dictionary, which costs no copies."""
        return taken(self._column(name), places)

    def in_unit(self, unit_column: str, unit: str) -> Array:
        """Tell which products have a unit, shape (products,)."""
        key = unit_column, unit
        if key not in self._units:
            same = pc.equal(self.rows[unit_column], unit).fill_null(fill_value=False)
            self._units[key] = same.to_numpy()
        return self._units[key]

    def with_text(self, name: str, texts: Iterable[str]) -> Array:
        """Tell which products can have one of some texts, given in lower case; shape (products,).

        Texts of other letters than ASCII count as one of them: what is lower case there differs
        from one library to the next.
        """
        column = self._column(name)
        if name not in self._texts:
            known: dict[str, list[int]] = {}
            for code, text in enumerate(column.dictionary.to_pylist()):
                known.setdefault(text.lower() if text.isascii() else "", []).append(code)
            self._texts[name] = known
        codes = [c for text in {*texts, ""} for c in self._texts[name].get(text, [])]
        return np.isin(column.indices.fill_null(-1).to_numpy(), codes)

    def _column(self, name: str) -> pa.Array:
        if name not in self._encoded:
            self._encoded[name] = encoded(self.rows[name])
        return self._encoded[name]


def encoded(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece, text as a dictionary."""
    whole = column.combine_chunks()
    return whole.dictionary_encode() if pa.types.is_string(whole.type) else whole


def taken(column: pa.Array, places: Array) -> pa.Array:
    """Return the values at some places."""
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(
            column.indices.take(pa.array(places)), column.dictionary
        )
    return column.take(pa.array(places))
