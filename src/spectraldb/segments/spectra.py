"""The spectra of several segments as one table, joined with their products."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from functools import cached_property
from typing import Self

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable, encode, values_at
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.reader import Segment

MAX_TABLES = 4


class SpectrumTable:
    """The spectra of segments that belong to products of a version, in the order of results.

    The rows are sorted by product and spectrum, so that the index of a row is also its rank.

    Thread-safe: if two threads compute the same cached value at the same time, the results are
    equal.

    Parameters
    ----------
    segments
        The segments.
    products
        The products of the version; spectra of other products are left out.
    """

    def __init__(self, segments: Sequence[Segment], products: ProductTable) -> None:
        self.segments = tuple(segments)
        self.products = products
        ids = _concatenate([segment.product_id for segment in segments], np.int64)
        product = products.row_index(ids)
        number = _concatenate([segment.spectrum_number for segment in segments], np.int64)
        order = np.lexsort((number, product))
        self._order = order[product[order] >= 0]
        self.product_index: Array = product[self._order]
        """Row index of the product of each spectrum, ascending; shape (spectra,)."""
        self._indices: dict[int, Array] = {}
        self._products_of: dict[int, Array] = {}
        self._numbers: dict[str, Array] = {}
        self._sorted: dict[str, tuple[Array, Array]] = {}
        self._columns: dict[str, pa.Array] = {}

    def __len__(self) -> int:
        return len(self._order)

    def with_products(self, products: ProductTable) -> Self | None:
        """Return the table for a later version that only added products; None for others.

        It shares what has been computed.
        """
        n = len(self.products.ids)
        is_complete = len(self) == sum(len(segment.spectra) for segment in self.segments)
        if not is_complete or not np.array_equal(products.ids[:n], self.products.ids):
            return None
        table = copy(self)
        table.products = products
        return table

    @cached_property
    def segment_index(self) -> Array:
        """Index of the segment of each spectrum, shape (spectra,)."""
        lengths = [len(segment.spectra) for segment in self.segments]
        return self._ordered(np.repeat(np.arange(len(lengths), dtype=np.int32), lengths))

    @cached_property
    def index_in_segment(self) -> Array:
        """Index of each spectrum in its segment, shape (spectra,)."""
        return self._from_segments([np.arange(len(each.spectra)) for each in self.segments])

    @cached_property
    def first(self) -> Array:
        """Row of the first pixel of each spectrum in its segment, shape (spectra,)."""
        return self._from_segments([segment.first for segment in self.segments])

    @cached_property
    def count(self) -> Array:
        """Number of pixels of each spectrum, shape (spectra,)."""
        return self._from_segments([segment.count for segment in self.segments])

    @cached_property
    def n_pixels(self) -> int:
        """Number of pixels of all spectra."""
        return int(self.count.sum())

    @cached_property
    def n_products(self) -> int:
        """Number of products with pixels."""
        return len(np.unique(self.product_index[self.count > 0]))

    @cached_property
    def product_id(self) -> Array:
        """Product number of each spectrum, ascending; shape (spectra,)."""
        return self._from_segments([segment.product_id for segment in self.segments])

    def indices_of(self, segment_index: int) -> Array:
        """Return the index in this table of each spectrum of a segment, -1 for those left out."""
        if segment_index not in self._indices:
            indices = np.full(len(self.segments[segment_index].spectra), -1)
            here = np.flatnonzero(self.segment_index == segment_index)
            indices[self.index_in_segment[here]] = here
            self._indices[segment_index] = indices
        return self._indices[segment_index]

    def products_of(self, segment_index: int) -> Array:
        """Return the row index of the product of each spectrum of a segment; any if left out."""
        if segment_index not in self._products_of:
            self._products_of[segment_index] = self.product_index[self.indices_of(segment_index)]
        return self._products_of[segment_index]

    def numbers(self, name: str) -> Array:
        """Return a column of numbers as float64 with NaN for null, shape (spectra,)."""
        if name not in self._numbers:
            columns = [segment.spectrum_values(name) for segment in self.segments]
            self._numbers[name] = self._from_segments(columns, np.float64)
        return self._numbers[name]

    def sorted(self, name: str) -> tuple[Array, Array]:
        """Return the indices of the spectra sorted by a column of numbers, and its values.

        Spectra without a value are left out.
        """
        if name not in self._sorted:
            values = self.numbers(name)
            order = np.argsort(values, kind="stable").astype(np.int32)  # NaN comes last
            order = order[: len(order) - int(np.count_nonzero(np.isnan(values)))]
            self._sorted[name] = order, values[order]
        return self._sorted[name]

    def column(self, name: str) -> pa.Array:
        """Return a column in its own type, text dictionary-encoded; shape (spectra,)."""
        if name not in self._columns:
            chunks = [segment.spectra[name].combine_chunks() for segment in self.segments]
            whole = pa.chunked_array(chunks, SCHEMAS[Table.SPECTRUM].field(name).type)
            self._columns[name] = values_at(encode(whole), self._order)
        return self._columns[name]

    def rows_of_products(self, index: Array) -> Array:
        """Return the indices of the spectra of some products, given by their row indices."""
        index = np.unique(index)
        begin = np.searchsorted(self.product_index, index, "left")
        end = np.searchsorted(self.product_index, index, "right")
        if len(index) == 1:
            return np.arange(int(begin[0]), int(end[0]))
        return np.concatenate([np.arange(0), *map(np.arange, begin.tolist(), end.tolist())])

    def _from_segments(self, columns: Sequence[Array], dtype: type = np.int64) -> Array:
        return self._ordered(_concatenate(columns, dtype))

    def _ordered(self, values: Array) -> Array:
        ordered: Array = values[self._order]
        return ordered


class SpectrumTables:
    """The tables of spectra that were used last; at most `MAX_TABLES`.

    Thread-safe: a lock guards the tables.  If two threads create the same one, one is discarded.
    """

    def __init__(self) -> None:
        self._tables: OrderedDict[tuple[int, ...], SpectrumTable] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, segments: Sequence[Segment], products: ProductTable) -> SpectrumTable:
        """Return the table of the spectra of segments, for the products of a version."""
        # A table keeps its segments and products, so their identities stay unique.
        key = tuple(map(id, (products, *segments)))
        with self._lock:
            known = dict(self._tables)
        table = known.get(key)
        if table is None:
            same_segments = [each for each_key, each in known.items() if each_key[1:] == key[1:]]
            later = (each.with_products(products) for each in same_segments)
            table = next((each for each in later if each is not None), None)
        if table is None:
            table = SpectrumTable(segments, products)
        with self._lock:
            self._tables[key] = table
            self._tables.move_to_end(key)
            while len(self._tables) > MAX_TABLES:
                self._tables.popitem(last=False)
        return table


def _concatenate(arrays: Sequence[Array], dtype: type) -> Array:
    return np.concatenate([np.empty(0, dtype), *arrays])
