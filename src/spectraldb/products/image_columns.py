"""Columns of images and cubes: image extensions, and coordinates from the WCS."""

from collections.abc import Iterator

from spectraldb.arrays import Array
from spectraldb.fits.image import ImageHdu
from spectraldb.products.array_column import ArrayColumn, computed_column, dtype_name
from spectraldb.products.product import Product
from spectraldb.schema.columns import by_name

CHUNK_BYTES = 2**20


def image_column(product: Product, hdu: ImageHdu) -> ArrayColumn:
    """Return an image extension as a column, read in chunks along its first axis."""
    step = max(1, CHUNK_BYTES * hdu.shape[0] // hdu.data_size)

    def chunks() -> Iterator[Array]:
        for start in range(0, hdu.shape[0], step):
            yield hdu.read(start, start + step)

    description = product.describe(hdu.name or "PRIMARY", str(hdu.header.get("BUNIT") or ""))
    return ArrayColumn(dtype=dtype_name(hdu.dtype), shape=hdu.shape, chunks=chunks, **description)


def world_column(name: str, values: Array, unit: str, source: str) -> ArrayColumn:
    """Return a column of coordinates computed from a WCS.

    Parameters
    ----------
    name
        wavelength, ra or dec.
    values
        The coordinates, of any shape.
    unit
        Unit of the coordinates.
    source
        The extension that contains the WCS.
    """
    description = f"{by_name()[name].description}; computed from the world coordinates in {source}"
    return computed_column(name, values, unit, description, source)
