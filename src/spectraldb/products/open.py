"""Opening of FITS files as products."""

from pathlib import Path

from spectraldb.fits.file import FitsFile
from spectraldb.products.classification import classify
from spectraldb.products.product import Product


def open_product(path: Path) -> Product:
    """Open a FITS file and return its product.

    Parameters
    ----------
    path
        A FITS file, plain or gzipped.

    Raises
    ------
    RefusedError
        If the file is not a readable JWST spectrum; the message is the reason.
    """
    file = FitsFile(path)
    try:
        return classify(file, path.name)
    except BaseException:
        file.close()
        raise
