"""The units of the products that a search covers, for notes on the products it excludes."""

import numpy as np

from spectraldb.arrays import Array
from spectraldb.lake.product_table import ProductTable
from spectraldb.query.excluded import UnitCount
from spectraldb.query.model import Query
from spectraldb.schema.tables import Table
from spectraldb.segments.masks import condition_mask
from spectraldb.segments.rows import ProductRows


def unit_counts(products: ProductTable, query: Query, name: str) -> list[UnitCount]:
    """Return the numbers of products with each unit.

    Of the conditions of the query, those on columns of products apply.

    Parameters
    ----------
    products
        The products of the version.
    query
        A search.
    name
        The product column that has the units.
    """
    index = searched_products(products, query)
    units = products.values(name, index)
    codes = units.indices.fill_null(len(units.dictionary)).to_numpy(zero_copy_only=False)
    texts = [*units.dictionary.to_pylist(), None]
    area = products.numbers("pixelArea")[index]
    return [_count(texts[code], area[codes == code]) for code in np.unique(codes).tolist()]


def searched_products(products: ProductTable, query: Query) -> Array:
    """Return the row indices of the products that meet the conditions on products."""
    index = products.rows_with_text("productType", query.product_types)
    for condition in query.conditions:
        if condition.column.table is Table.PRODUCT:
            index = index[condition_mask(condition, ProductRows(products, index), ())]
    return index


def _count(unit: str | None, areas: Array) -> UnitCount:
    known = areas[~np.isnan(areas)]
    if not len(known):
        return UnitCount(unit, len(areas))
    return UnitCount(unit, len(areas), len(known), float(known.min()), float(known.max()))
