"""A part of a product: its arrays cut out of the file, or pixels of it put together."""

from dataclasses import replace

from spectraldb.cutouts.boxes import cube_part, slit_part
from spectraldb.cutouts.request import Cutout, Part, only
from spectraldb.cutouts.tables import table_part
from spectraldb.errors import BadQueryError
from spectraldb.products.array_column import ArrayColumn
from spectraldb.products.cubes import CubeProduct
from spectraldb.products.product import Product
from spectraldb.products.slits import SlitProduct
from spectraldb.products.tables import TableProduct


def part_of(product: Product, cutout: Cutout) -> Part:
    """Return a part of an open product.

    Raises
    ------
    BadQueryError
        If the cut-out does not fit the kind of product.
    NotHeldError
        If nothing of the product lies in it.
    """
    part = _cut(product, cutout)
    columns = only(_distinct(part.columns), cutout.columns)
    return replace(part, columns=columns)


def _cut(product: Product, cutout: Cutout) -> Part:
    if isinstance(product, TableProduct):
        return table_part(product, cutout)
    if isinstance(product, CubeProduct):
        return cube_part(product, cutout)
    if not isinstance(product, SlitProduct):
        raise TypeError(type(product))
    if len(product.slits) > 1 and cutout.spectrum is None:
        if cutout.cuts:
            raise BadQueryError(
                f"{product.file_name} has {len(product.slits)} slits: only a row of one can be "
                f"cut, by spectrum=0 to {product.n_spectra - 1}"
            )
        return Part(product.columns(), [], {})
    return slit_part(product, cutout)


def _distinct(columns: list[ArrayColumn]) -> list[ArrayColumn]:
    """Return columns with names of their own: a second `fluxErr` is `fluxErr2`."""
    taken: set[str] = set()
    distinct = []
    for column in columns:
        name, number = column.name, 1
        while name in taken:
            number += 1
            name = f"{column.name}{number}"
        taken.add(name)
        distinct.append(replace(column, name=name))
    return distinct
