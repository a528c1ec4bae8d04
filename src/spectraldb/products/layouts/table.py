"""Tables of wavelength, flux and error, as teams and tabular-fits of specutils write them."""

from spectraldb.fits.file import FitsFile
from spectraldb.fits.table import TableHdu
from spectraldb.products.layouts.mission import is_jwst
from spectraldb.products.product import Product
from spectraldb.products.tables import TableProduct
from spectraldb.schema.columns import canonical_fits_name


def read_tables(file: FitsFile, file_name: str) -> list[Product]:
    """Return the x1d in the tables of a file, regardless of its headers."""
    tables = spectrum_tables(file)
    return [TableProduct(file, file_name, "x1d", tables)] if tables else []


def read_jwst_tables(file: FitsFile, file_name: str) -> list[Product]:
    """Return the x1d in the tables of a file that is from JWST."""
    return read_tables(file, file_name) if is_jwst(file) else []


def spectrum_tables(file: FitsFile) -> list[TableHdu]:
    """Return the first table with wavelengths and fluxes, and all others of its name and columns.

    Column names count in any letter case, under every name that means the same.
    """
    tables = [hdu for hdu in file.tables() if _has_spectrum(hdu)]
    return [hdu for hdu in tables if (hdu.name, _keys(hdu)) == (tables[0].name, _keys(tables[0]))]


def _has_spectrum(hdu: TableHdu) -> bool:
    return {"WAVELENGTH", "FLUX"} <= {canonical_fits_name(key) for key in _keys(hdu)}


def _keys(hdu: TableHdu) -> frozenset[str]:
    return frozenset(field.key for field in hdu.fields)
