"""Products of the JWST pipeline, by content; a level-3 file name must agree with the content."""

from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.table import TableHdu
from spectraldb.products.cube_wavelength import SPECTRAL_TYPES
from spectraldb.products.cubes import CubeProduct
from spectraldb.products.layouts.mission import is_jwst
from spectraldb.products.names import parse_level3
from spectraldb.products.product import Product
from spectraldb.products.slits import SlitProduct
from spectraldb.products.tables import TableProduct


def read_pipeline(file: FitsFile, file_name: str) -> list[Product]:
    """Return the product in a file of the pipeline, in the layout of any release.

    Raises
    ------
    RefusedError
        If its name has another product type than the content.
    """
    if not is_jwst(file):
        return []
    product = _table_product(file, file_name) or _cube(file, file_name) or _slits(file, file_name)
    if product is None:
        return []
    _check_name(product)
    return [product]


def _table_product(file: FitsFile, file_name: str) -> Product | None:
    combined = _tables_named(file, "COMBINE1D")
    if combined:
        return TableProduct(file, file_name, "c1d", combined)
    tables = _tables_named(file, "EXTRACT1D")
    if not tables:
        return None
    return TableProduct(file, file_name, _extracted_type(file, file_name, tables), tables)


def _tables_named(file: FitsFile, name: str) -> list[TableHdu]:
    return [hdu for hdu in file.tables() if hdu.name == name]


def _extracted_type(file: FitsFile, file_name: str, tables: list[TableHdu]) -> str:
    """Return x1dints or x1d, from the file name or else from the presence of integrations."""
    name = parse_level3(file_name)
    if name and name.product_type in ("x1d", "x1dints"):
        return name.product_type
    time_series = file.find("INT_TIMES") or any(f.key == "INT_NUM" for f in tables[0].fields)
    return "x1dints" if time_series else "x1d"


def _cube(file: FitsFile, file_name: str) -> Product | None:
    sci = file.image("SCI")
    if sci is None or len(sci.shape) != 3:
        return None
    name = parse_level3(file_name)
    is_cube = (
        file.primary.header.get("DATAMODL") == "IFUCubeModel"
        or str(sci.header.get("CTYPE3") or "")[:4].upper() in SPECTRAL_TYPES
        or (name is not None and name.product_type == "s3d")
    )
    return CubeProduct(file, file_name, "s3d", sci) if is_cube else None


def _slits(file: FitsFile, file_name: str) -> Product | None:
    slits = [hdu for hdu in file.images() if hdu.name == "SCI" and len(hdu.shape) == 2]
    if not slits or slits[0].integer("DISPAXIS") not in (1, 2) or not file.find("WHT"):
        return None
    return SlitProduct(file, file_name, "s2d", slits)


def _check_name(product: Product) -> None:
    name = parse_level3(product.file_name)
    if name and name.product_type != product.product_type:
        raise RefusedError(
            f"The file name has the product type {name.product_type}, but the content has the "
            f"type {product.product_type}."
        )
