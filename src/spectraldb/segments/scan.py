"""The scan of segments for a search: selection of spectra, and of their pixels."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sqlglot import exp

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable
from spectraldb.query.pruning import Pruning, RangeFilter
from spectraldb.schema.tables import Table
from spectraldb.segments.reader import PixelRows, Segment
from spectraldb.segments.zones import Bounds, rows_in_zones

FIRST_ROWS = 2**17
MAX_ROWS = 2**21
"""Numbers of pixels per chunk, small at first because the first matches may be sufficient."""

MAX_MATCHING = 0.5
"""Pixels are filtered individually if at most this fraction of them remains."""

FilterEvaluator = Callable[[pa.Table, Sequence[exp.Expr], str], Array]
"""Returns a mask of the rows of a table, under an alias, that meet all conditions."""


@dataclass(frozen=True)
class SpectrumSelection:
    """Spectra to read, in the order of results.  All arrays have shape (spectra,)."""

    segment_index: Array
    """Index of the segment of each spectrum."""
    spectrum_index: Array
    """Index of each spectrum in its segment."""
    product_index: Array
    """Row index of the product of each spectrum."""
    n_pixels: Array
    """Number of pixels of each spectrum."""

    def __len__(self) -> int:
        return len(self.n_pixels)


@dataclass(frozen=True)
class SegmentPixels:
    """Pixels of one segment that may match."""

    segment: Segment
    rows: PixelRows
    product_index: Array
    """Row index of the product of each pixel, shape (rows,)."""
    ranks: Array
    """Rank of the spectrum of each pixel in the order of results, shape (rows,)."""


@dataclass(frozen=True)
class PixelScan:
    """A scan: the spectra to read, and the bounds for the values of their pixels."""

    segments: list[Segment]
    selection: SpectrumSelection
    bounds: dict[str, Bounds]

    def chunks(self) -> Iterator[list[SegmentPixels]]:
        """Yield chunks of several spectra: for each segment, the pixels that may match."""
        # With bounds few pixels remain, so the overhead of each chunk dominates.
        size = MAX_ROWS if self.bounds else FIRST_ROWS
        for begin, end in chunk_limits(self.selection.n_pixels, size):
            segment_index = self.selection.segment_index[begin:end]
            yield [
                self._pixels(self.segments[index], np.flatnonzero(segment_index == index) + begin)
                for index in np.unique(segment_index)
            ]

    def _pixels(self, segment: Segment, ranks: Array) -> SegmentPixels:
        """Return the pixels that may match, of the spectra of a segment with some ranks."""
        # In the order of the segment, so that pixels of adjacent spectra are read together.
        ranks = ranks[np.argsort(self.selection.spectrum_index[ranks])]
        spectrum_index = self.selection.spectrum_index[ranks]
        rows = self._within_bounds(segment, rows_in_zones(segment, spectrum_index, self.bounds))
        per_spectrum = np.empty((2, len(segment.spectra)), np.intp)
        per_spectrum[:, spectrum_index] = self.selection.product_index[ranks], ranks
        return SegmentPixels(segment, rows, *per_spectrum[:, rows.spectrum_index])

    def _within_bounds(self, segment: Segment, rows: PixelRows) -> PixelRows:
        keep = np.ones(len(rows), bool)
        for name, (low, high) in self.bounds.items():
            values = segment.values(name, rows)
            # As float64, because Python numbers would be rounded to the float32 type of a column.
            keep &= (values >= np.float64(low)) & (values <= np.float64(high))
        return rows.filter(keep) if np.count_nonzero(keep) <= MAX_MATCHING * len(keep) else rows


def scan_segments(
    segments: Iterable[Segment], pruning: Pruning, products: ProductTable, evaluate: FilterEvaluator
) -> PixelScan:
    """Return a scan of segments for a search.

    Parameters
    ----------
    segments
        The segments to read.
    pruning
        Selects the products and spectra that may have matching pixels.
    products
        The products of the version to search; spectra of other products are skipped.
    evaluate
        Evaluates the conditions that are neither range nor text filters.
    """
    segments = list(segments)
    allowed = _allowed_products(pruning, products, evaluate)
    selected = []
    for segment in segments:
        spectra, product = _select_spectra(segment, pruning, products, allowed)
        if pruning.spectrum_conditions and len(spectra):
            rows = segment.spectra.take(pa.array(spectra))
            keep = evaluate(rows, pruning.spectrum_conditions, "c")
            spectra, product = spectra[keep], product[keep]
        selected.append((spectra, product))
    return PixelScan(segments, _in_result_order(segments, selected), _pixel_bounds(pruning))


def _pixel_bounds(pruning: Pruning) -> dict[str, Bounds]:
    """Return the bounds of columns of pixels: the intersection of all filters of a column."""
    bounds: dict[str, Bounds] = {}
    for filter_ in pruning.pixel_ranges:
        low, high = bounds.get(filter_.name, (-math.inf, math.inf))
        bounds[filter_.name] = (max(low, filter_.hull.low), min(high, filter_.hull.high))
    return bounds


def _allowed_products(
    pruning: Pruning, products: ProductTable, evaluate: FilterEvaluator
) -> Array | None:
    """Return a mask of the products that may match, or None without conditions on them."""
    masks = [products.may_have_text(text.name, text.texts) for text in pruning.texts]
    if pruning.product_conditions:
        masks.append(evaluate(products.rows, pruning.product_conditions, "d"))
    return np.logical_and.reduce(masks) if masks else None


def _select_spectra(
    segment: Segment, pruning: Pruning, products: ProductTable, allowed: Array | None
) -> tuple[Array, Array]:
    """Return the indices of the spectra that may match, and of their products."""
    low, high = pruning.id_range
    keep = (segment.product_id >= low) & (segment.product_id <= high)
    for filter_ in pruning.ranges:
        if not filter_.unit_column:
            keep &= _overlaps(segment, filter_)
    spectra = np.flatnonzero(keep)
    product = products.row_index(segment.product_id[spectra])
    keep = product >= 0
    if allowed is not None:
        keep &= allowed[product]
    for filter_ in pruning.ranges:
        if filter_.unit_column:
            keep &= _overlaps_in_units(segment, filter_, products, spectra, product)
    return spectra[keep], product[keep]


def _overlaps(segment: Segment, filter_: RangeFilter) -> Array:
    """Return a mask of the spectra whose range overlaps a filter's, shape (spectra,)."""
    low, high = _spectrum_ranges(segment, filter_)
    overlaps: Array = (high >= filter_.hull.low) & (low <= filter_.hull.high)
    return overlaps


def _overlaps_in_units(
    segment: Segment, filter_: RangeFilter, products: ProductTable, spectra: Array, product: Array
) -> Array:
    """Return a mask of spectra whose range overlaps a filter in the unit of their product."""
    low, high = (bound[spectra] for bound in _spectrum_ranges(segment, filter_))
    overlaps = np.zeros(len(spectra), bool)
    for interval in filter_.intervals:
        has_unit = products.has_unit(filter_.unit_column, interval.unit)[product]
        overlaps |= has_unit & (high >= interval.low) & (low <= interval.high)
    return overlaps


def _spectrum_ranges(segment: Segment, filter_: RangeFilter) -> tuple[Array, Array]:
    """Return the minimum and maximum of a column for each spectrum, shape (spectra,)."""
    if filter_.table is Table.SPECTRUM:
        values = segment.spectrum_values(filter_.name)
        return values, values
    return (
        segment.spectrum_values(f"{filter_.name}Low"),
        segment.spectrum_values(f"{filter_.name}High"),
    )


def _in_result_order(
    segments: Sequence[Segment], selected: Sequence[tuple[Array, Array]]
) -> SpectrumSelection:
    """Return the selected spectra of all segments in the order of results."""
    empty = [np.empty(0, np.intp)]
    spectra = [spectra for spectra, _ in selected]
    segment_index = np.repeat(np.arange(len(spectra)), [len(each) for each in spectra])
    number = [s.spectrum_number[rows] for s, rows in zip(segments, spectra, strict=True)]
    n_pixels = [s.count[rows] for s, rows in zip(segments, spectra, strict=True)]
    product = [product for _, product in selected]
    spectra_, product_, number_, n_pixels_ = (
        np.concatenate(empty + each) for each in (spectra, product, number, n_pixels)
    )
    order = np.lexsort((number_, product_))
    return SpectrumSelection(
        segment_index[order], spectra_[order], product_[order], n_pixels_[order]
    )


def chunk_limits(counts: Array, size: int) -> Iterator[tuple[int, int]]:
    """Yield the start and end of chunks of spectra with increasing numbers of pixels.

    Parameters
    ----------
    counts
        Number of pixels of each spectrum, shape (spectra,).
    size
        Maximum number of pixels of the first chunk, doubled for each further chunk up to
        `MAX_ROWS`.  A chunk has at least one spectrum.
    """
    ends = np.cumsum(counts)
    begin, rows = 0, 0
    while begin < len(counts):
        end = max(int(np.searchsorted(ends, rows + size, "right")), begin + 1)
        yield begin, end
        begin, rows, size = end, int(ends[end - 1]), min(2 * size, MAX_ROWS)
