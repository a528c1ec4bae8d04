"""Opening of FITS files as products."""

from pathlib import Path

from spectraldb.fits.file import FitsFile
from spectraldb.products.layouts.registry import read_products
from spectraldb.products.product import Product


def open_products(path: Path, layout: str | None = None) -> list[Product]:
    """Open a FITS file and return its products, the main one first.

    The products share the open file: closing one closes all.

    Parameters
    ----------
    path
        A FITS file, plain or gzipped.
    layout
        Name of its layout; None to find it.

    Raises
    ------
    RefusedError
        If the file is broken; the message is the reason.
    SkippedError
        If the file has no spectrum by its own header.
    """
    file = FitsFile(path)
    try:
        return read_products(file, path.name, layout)
    except BaseException:
        file.close()
        raise


def open_product(path: Path, layout: str | None = None, product_type: str = "") -> Product:
    """Open a FITS file and return its product of a type, or else its main product.

    Raises the errors of `open_products`.
    """
    products = open_products(path, layout)
    return next((p for p in products if p.product_type == product_type), products[0])
