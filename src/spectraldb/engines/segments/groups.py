"""Groups: one row per product, with statistics of its matching pixels."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.cancellation import Cancellation
from spectraldb.engines.base import PixelPlan
from spectraldb.engines.segments.chunks import row_chunks
from spectraldb.engines.segments.columns import schema_of
from spectraldb.engines.segments.keys import after_mask, key_order
from spectraldb.engines.segments.rows import PRODUCT_ID
from spectraldb.query.result_columns import AGGREGATES
from spectraldb.schema.column import Column
from spectraldb.segments.ranges import RowRanges
from spectraldb.segments.scan import PixelScan, SegmentPixels, SegmentRanges
from spectraldb.segments.spectra import SpectrumTable

RANGED = ("wavelength", "flux")
"""The columns of pixels whose lowest and highest value a group has."""


def grouped_products(plan: PixelPlan, scan: PixelScan, cancel: Cancellation) -> pa.Table:
    """Return the products with matching pixels in the order of the query, up to its limit.

    In the order of products, the scan ends once it has enough of them.
    """
    groups = _Groups(scan.spectra)
    end = None if plan.query.limit is None else plan.query.limit + 1
    for chunk in row_chunks(scan.chunks()):
        cancel.check()
        for found in chunk:
            _add(groups, scan, found)
        # The last product can have spectra in the next chunk, and the first be that of the token.
        if end is not None and not plan.query.sort and groups.n_products > end + 1:
            break
    return _table(plan, groups, end)


def _add(groups: "_Groups", scan: PixelScan, found: SegmentRanges) -> None:
    """Add the matching pixels in ranges to the groups."""
    whole = _is_whole_spectrum(found.ranges, scan.spectra)
    groups.add_spectra(found.ranges.spectrum[whole])
    rest = SegmentRanges(found.segment_index, found.ranges[~whole])
    if len(rest.ranges):
        groups.add_pixels(scan.pixels(rest))


def _is_whole_spectrum(ranges: RowRanges, spectra: SpectrumTable) -> Array:
    """Return the mask of the ranges with all pixels of a spectrum, all of which match."""
    return np.asarray(ranges.matches & (ranges.lengths == spectra.count[ranges.spectrum]))


class _Groups:
    """Statistics of the matching pixels of each product; arrays of shape (products,).

    Not thread-safe.
    """

    def __init__(self, spectra: SpectrumTable) -> None:
        n = len(spectra.products.ids)
        self._spectra = spectra
        self.matched = np.zeros(n, np.int64)
        self.lowest = {name: np.full(n, np.nan) for name in RANGED}
        self.highest = {name: np.full(n, np.nan) for name in RANGED}
        self._last = -1

    @property
    def n_products(self) -> int:
        """Number of products before the last one that was added to."""
        return int(np.count_nonzero(self.matched[: max(self._last, 0)]))

    def add_spectra(self, index: Array) -> None:
        """Add all pixels of some spectra, with ascending indices."""
        ranges = {
            name: _Range(*(self._spectra.numbers(f"{name}{end}")[index] for end in ("Low", "High")))
            for name in RANGED
        }
        self._add(self._spectra.product_index[index], self._spectra.count[index], ranges)

    def add_pixels(self, pixels: SegmentPixels) -> None:
        """Add some pixels, in the order of their spectra."""
        values = {name: pixels.segment.values(name, pixels.rows) for name in RANGED}
        ranges = {name: _Range(each, each) for name, each in values.items()}
        product = self._spectra.product_index[pixels.spectrum]
        self._add(product, np.ones(len(product), np.int64), ranges)

    def column(self, column: Column, products: Array) -> pa.Array:
        """Return a column of the product, or one of `AGGREGATES`, for some products."""
        if column.name not in AGGREGATES:
            values = self._spectra.products.values(column.name, products)
            return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
        statistics = {
            "matched": self.matched,
            "matchedWavelengthMin": self.lowest["wavelength"],
            "matchedWavelengthMax": self.highest["wavelength"],
            "matchedFluxMin": self.lowest["flux"],
            "matchedFluxMax": self.highest["flux"],
        }
        return pa.array(statistics[column.name][products], from_pandas=True)

    def _add(self, product: Array, counts: Array, ranges: "dict[str, _Range]") -> None:
        if not len(product):
            return
        begins = np.flatnonzero(np.diff(product, prepend=-1))
        found = product[begins]
        self._last = max(self._last, int(found[-1]))
        self.matched[found] += np.add.reduceat(counts, begins)
        for name, values in ranges.items():
            low = np.fmin.reduceat(values.low, begins)
            high = np.fmax.reduceat(values.high, begins)
            self.lowest[name][found] = np.fmin(self.lowest[name][found], low)
            self.highest[name][found] = np.fmax(self.highest[name][found], high)


@dataclass(frozen=True)
class _Range:
    low: Array
    high: Array


def _table(plan: PixelPlan, groups: _Groups, end: int | None) -> pa.Table:
    """Return the groups as rows, with their sort keys."""
    products = np.flatnonzero(groups.matched)
    if end is not None and not plan.query.sort and plan.query.after is None:
        products = products[:end]
    columns = plan.compiled.columns
    keys = [key.column for key in plan.query.sort] + [PRODUCT_ID]
    with_keys = columns | {f"_{i}": column for i, column in enumerate(keys)}
    arrays = [groups.column(column, products) for column in with_keys.values()]
    rows = pa.table(arrays, schema=schema_of(with_keys))
    descending = plan.compiled.descending
    if plan.query.after is not None:
        rows = rows.filter(after_mask(rows, descending, plan.query.after.keys))
    if plan.query.sort:
        rows = rows.take(key_order(rows, descending).slice(0, end))
    return rows.slice(0, end)
