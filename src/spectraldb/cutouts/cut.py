"""Cut-outs of products of all types."""

from dataclasses import replace

from spectraldb.cutouts.columns import distinct_names, select_columns
from spectraldb.cutouts.cubes import cut_cube
from spectraldb.cutouts.good_mask import slits_good, wants_good
from spectraldb.cutouts.part import Part
from spectraldb.cutouts.request import Cutout
from spectraldb.cutouts.slits import cut_slit
from spectraldb.cutouts.tables import cut_table
from spectraldb.errors import BadQueryError
from spectraldb.products.cubes import CubeProduct
from spectraldb.products.product import Product
from spectraldb.products.slits import SlitProduct
from spectraldb.products.tables import TableProduct


def part_of(product: Product, cutout: Cutout) -> Part:
    """Return a part of an open product.

    Raises
    ------
    BadQueryError
        If the cut-out does not apply to the product.
    NotHeldError
        If the cut-out is empty, or the product has no such spectrum.
    """
    part = _cut(product, cutout)
    return replace(part, columns=select_columns(distinct_names(part.columns), cutout.columns))


def _cut(product: Product, cutout: Cutout) -> Part:
    if cutout.annulus is not None and not isinstance(product, CubeProduct):
        raise BadQueryError(f"annulus: {product.file_name} is not a cube. Remove the parameter.")
    if isinstance(product, TableProduct):
        return cut_table(product, cutout)
    if isinstance(product, CubeProduct):
        return cut_cube(product, cutout)
    if not isinstance(product, SlitProduct):
        raise TypeError(type(product))
    if len(product.slits) == 1 or cutout.spectrum is not None:
        return cut_slit(product, cutout)
    if cutout.cuts:
        raise BadQueryError(
            f"spectrum: {product.file_name} has {len(product.slits)} slits; a cut-out requires "
            f"the number of a spectrum, between 0 and {product.n_spectra - 1}."
        )
    good = [slits_good(product)] if wants_good(cutout) else []
    return Part(product.columns() + good, [], {})
