"""Rows of products, of spectra and of pixels, for conditions; see `masks.Rows`."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable, values_at
from spectraldb.segments.format import is_floating, null_code
from spectraldb.segments.masks import Numbers
from spectraldb.segments.pixel_rows import Pixels
from spectraldb.segments.reader import Segment
from spectraldb.segments.spectra import SpectrumTable


@dataclass(frozen=True)
class ProductRows:
    """Some products."""

    products: ProductTable
    product_index: Array
    """Their row indices, shape (rows,)."""

    def numbers(self, name: str) -> Numbers:
        """Return a column of numbers."""
        return _numbers(self.products.values(name, self.product_index))

    def texts(self, name: str) -> pa.DictionaryArray:
        """Return a column of text."""
        return self.products.values(name, self.product_index)


@dataclass(frozen=True)
class SpectrumRows:
    """Some spectra."""

    spectra: SpectrumTable
    index: Array
    """Their row indices, shape (rows,)."""

    @property
    def products(self) -> ProductTable:
        """The products of the version."""
        return self.spectra.products

    @property
    def product_index(self) -> Array:
        """Row index of the product of each spectrum."""
        product_index: Array = self.spectra.product_index[self.index]
        return product_index

    def numbers(self, name: str) -> Numbers:
        """Return a column of numbers."""
        return _numbers(values_at(self.spectra.column(name), self.index))

    def texts(self, name: str) -> pa.DictionaryArray:
        """Return a column of text."""
        return values_at(self.spectra.column(name), self.index)


@dataclass(frozen=True)
class SegmentRows:
    """Some pixels of a segment."""

    products: ProductTable
    segment: Segment
    pixels: Pixels
    products_of_spectra: Array
    """Row index of the product of each spectrum of the segment, shape (spectra,)."""

    @property
    def product_index(self) -> Array:
        """Row index of the product of each pixel, shape (rows,)."""
        product_index: Array = self.products_of_spectra[self.pixels.spectrum_index]
        return product_index

    def numbers(self, name: str) -> Numbers:
        """Return a column of numbers."""
        values = self.segment.values(name, self.pixels)
        if name == "spectrum" or is_floating(name):
            return Numbers(values)
        if values.dtype.kind == "f":  # all are null
            return Numbers(np.zeros(len(values), np.int64), np.zeros(len(values), bool))
        present = values != null_code(values.dtype)
        return Numbers(values, None if present.all() else present)

    def texts(self, name: str) -> pa.DictionaryArray:
        """Raise KeyError, because pixels have no text."""
        raise KeyError(name)


def _numbers(column: pa.Array) -> Numbers:
    if pa.types.is_floating(column.type):
        return Numbers(column.fill_null(np.nan).to_numpy(zero_copy_only=False))
    present = np.asarray(column.is_valid()) if column.null_count else None
    zero = False if pa.types.is_boolean(column.type) else 0
    return Numbers(column.fill_null(zero).to_numpy(zero_copy_only=False), present)
