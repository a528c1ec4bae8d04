"""Selection of the spectra that can have matching pixels."""

from collections.abc import Iterator

import numpy as np

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable
from spectraldb.query.model import Condition, PixelQuery
from spectraldb.query.pruning import Pruning, RangeFilter
from spectraldb.query.sql.expressions import Units
from spectraldb.schema.tables import Table
from spectraldb.segments.masks import condition_mask
from spectraldb.segments.rows import ProductRows, SpectrumRows
from spectraldb.segments.spectra import SpectrumTable

MAX_INDEXED = 0.25
"""An index is used if it leaves at most this fraction of the spectra."""


def select_spectra(
    spectra: SpectrumTable, query: PixelQuery, pruning: Pruning, units: Units
) -> Array:
    """Return the ascending indices of the spectra that can have matching pixels.

    All conditions on products and spectra, and the cone, are met by these spectra; the ranges of
    their pixels overlap those of the conditions on pixels.

    Parameters
    ----------
    spectra
        The spectra to search.
    query, pruning
        The query, and the pruning derived from it.
    units
        Units of the products, for conditions with units.
    """
    index = _within_ids(spectra, pruning, _candidates(spectra, query, pruning))
    index = _of_products(spectra, query, index)
    for filter_ in pruning.ranges:
        index = index[_overlaps(spectra, filter_, index)]
    return _meeting_conditions(spectra, query, units, index)


def _candidates(spectra: SpectrumTable, query: PixelQuery, pruning: Pruning) -> Array:
    """Return the spectra that the most selective index leaves, in ascending order."""
    products = _products_with_texts(spectra.products, query)
    if products is not None:
        return spectra.rows_of_products(products)
    ranges = [each for filter_ in pruning.ranges for each in _index_ranges(spectra, filter_)]
    order, begin, end = min(ranges, key=lambda each: each[2] - each[1], default=(None, 0, 0))
    if order is None or end - begin > MAX_INDEXED * len(spectra):
        return np.arange(len(spectra))
    return np.sort(order[begin:end])


def _products_with_texts(products: ProductTable, query: PixelQuery) -> Array | None:
    """Return the products that have the texts of all conditions; None if there is none."""
    found = None
    for condition in filter(_is_text_look_up, query.conditions):
        texts = (condition.column.searched_text(str(value)) for value in condition.values)
        rows = products.rows_with_text(condition.column.name, texts)
        found = rows if found is None else np.intersect1d(found, rows, assume_unique=True)
    return found


def _is_text_look_up(condition: Condition) -> bool:
    column = condition.column
    is_text = column.table is Table.PRODUCT and column.dtype == "string"
    return is_text and condition.operator.key in ("eq", "in")


def _index_ranges(spectra: SpectrumTable, filter_: RangeFilter) -> Iterator[tuple[Array, int, int]]:
    """Yield for each index the sorted spectra, and the begin and end of those that can match."""
    if filter_.unit_column:
        return
    low_name, high_name = _range_columns(filter_)
    order, values = spectra.sorted(high_name)
    yield order, int(np.searchsorted(values, filter_.hull.low, "left")), len(order)
    order, values = spectra.sorted(low_name)
    yield order, 0, int(np.searchsorted(values, filter_.hull.high, "right"))


def _range_columns(filter_: RangeFilter) -> tuple[str, str]:
    """Return the columns of spectra with the minimum and maximum of a column."""
    if filter_.table is Table.SPECTRUM:
        return filter_.name, filter_.name
    return f"{filter_.name}Low", f"{filter_.name}High"


def _within_ids(spectra: SpectrumTable, pruning: Pruning, index: Array) -> Array:
    low, high = pruning.id_range
    ids = spectra.product_id
    if not len(ids) or (low <= ids[0] and ids[-1] <= high):
        return index
    begin, end = np.searchsorted(ids, low, "left"), np.searchsorted(ids, high, "right")
    within: Array = index[np.searchsorted(index, begin) : np.searchsorted(index, end)]
    return within


def _of_products(spectra: SpectrumTable, query: PixelQuery, index: Array) -> Array:
    """Return the spectra whose product meets the conditions on products."""
    conditions = [
        condition
        for condition in query.conditions
        if condition.column.table is Table.PRODUCT and not _is_text_look_up(condition)
    ]
    if not conditions:
        return index
    products = np.unique(spectra.product_index[index])
    for condition in conditions:
        rows = ProductRows(spectra.products, products)
        products = products[condition_mask(condition, rows, ())]
    meets = np.zeros(len(spectra.products.ids), bool)
    meets[products] = True
    selected: Array = index[meets[spectra.product_index[index]]]
    return selected


def _overlaps(spectra: SpectrumTable, filter_: RangeFilter, index: Array) -> Array:
    """Return a mask of the spectra whose range overlaps a filter's, shape (spectra,)."""
    low_name, high_name = _range_columns(filter_)
    low, high = spectra.numbers(low_name)[index], spectra.numbers(high_name)[index]
    if not filter_.unit_column:
        return np.asarray((high >= filter_.hull.low) & (low <= filter_.hull.high))
    overlaps = np.zeros(len(index), bool)
    for interval in filter_.intervals:
        has_unit = spectra.products.has_unit(filter_.unit_column, interval.unit)
        has_unit = has_unit[spectra.product_index[index]]
        overlaps |= has_unit & (high >= interval.low) & (low <= interval.high)
    return overlaps


def _meeting_conditions(
    spectra: SpectrumTable, query: PixelQuery, units: Units, index: Array
) -> Array:
    """Return the spectra that meet the conditions on spectra, and lie in the cone."""
    for condition in query.conditions:
        if condition.column.table is Table.SPECTRUM:
            of_column = units.get(condition.column.unit_from, ())
            rows = SpectrumRows(spectra, index)
            index = index[condition_mask(condition, rows, tuple(of_column))]
    if query.cone is not None:
        position = (spectra.numbers(name)[index] for name in ("ra", "dec"))
        index = index[query.cone.contains(*position)]
    return index
