"""The registry of layouts, which are tried in order."""

import re
from functools import cache
from importlib.metadata import entry_points

from spectraldb.errors import BadQueryError, RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.products.layouts.jades import read_jades
from spectraldb.products.layouts.layout import Layout
from spectraldb.products.layouts.mission import telescope
from spectraldb.products.layouts.msaexp import read_msaexp
from spectraldb.products.layouts.not_spectra import check_telescope, why_not
from spectraldb.products.layouts.pipeline import read_pipeline
from spectraldb.products.layouts.table import read_jwst_tables, read_tables
from spectraldb.products.names import parse_level3
from spectraldb.products.product import Product

ENTRY_POINTS = "spectraldb.layouts"
"""Group of entry points with the layouts of other packages: each is a `Layout`."""

TABLE = Layout(
    "table",
    "tables of wavelength, flux and error; if the header does not say that it is from JWST, only "
    "with --layout table",
    read_jwst_tables,
)

# msaexp comes first, because its images look like those of the pipeline.
_OWN = (
    Layout("msaexp", "spectra of msaexp: DAWN JWST Archive, HLSPs", read_msaexp),
    Layout("pipeline", "products of the JWST pipeline", read_pipeline, is_team=False),
    Layout("jades", "1-D spectra of JADES", read_jades),
    TABLE,
)

_EXPOSURE_NAME = re.compile(r"jw\d{11}_\d{5}_\d{5}_")
"""Start of the names of level-2 products."""


@cache
def layouts() -> dict[str, Layout]:
    """Return all layouts by name, in the order in which they are tried."""
    others = (point.load() for point in entry_points(group=ENTRY_POINTS))
    return {layout.name: layout for layout in (*_OWN, *others)}


def find_layout(name: str) -> Layout:
    """Return the layout with a name; raise BadQueryError if there is none."""
    layout = layouts().get(name)
    if layout is None:
        raise BadQueryError(f"--layout: Unknown layout {name!r}. Layouts: {', '.join(layouts())}.")
    return layout


def read_products(file: FitsFile, file_name: str, layout: str | None = None) -> list[Product]:
    """Return the products in an open file, the main one first.

    Parameters
    ----------
    file, file_name
        The file, and its name.
    layout
        Name of the layout; None for the first in which the file has a spectrum.

    Raises
    ------
    RefusedError
        If the file is broken, or does not have the layout.
    SkippedError
        If the file has no spectrum by its own header.
    """
    if layout is not None:
        known = find_layout(layout)
        read = read_tables if known is TABLE else known.read
        products = read(file, file_name)
        if not products:
            raise RefusedError(f"The file does not have the layout {layout}: {known.description}.")
        return _labelled(products, known)
    check_telescope(file)
    for each in layouts().values():
        products = each.read(file, file_name)
        if products:
            return _labelled(products, each)
    raise why_not(file, file_name)


def _labelled(products: list[Product], layout: Layout) -> list[Product]:
    for product in products:
        product.layout = layout.name
        product.level = _level(product, layout)
    return products


def _level(product: Product, layout: Layout) -> str:
    """Return the level of a product: 3, 2, team or simulated."""
    makers = (product.keyword("ORIGIN"), product.keyword("CREATOR"))
    if any("SAMPLE" in str(maker).upper() or "SIM" in str(maker).upper() for maker in makers):
        return "simulated"
    if layout.is_team or not telescope(product.file):
        return "team"
    names = (product.file_name, str(product.primary_header.get("FILENAME") or ""))
    is_named = parse_level3(product.file_name) is not None
    return "2" if not is_named and any(map(_EXPOSURE_NAME.match, names)) else "3"
