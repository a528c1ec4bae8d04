"""Columns of DataProduct: the file, its header keywords, its units, ranges and counts."""

from spectraldb.schema.column import Column
from spectraldb.schema.observation_columns import OBSERVATION_COLUMNS
from spectraldb.schema.tables import PRODUCT_TYPES, Table

LEVELS = frozenset({"2", "3", "team", "simulated"})
"""Values of the column `level`."""

_FILE = (
    Column(
        "productId",
        Table.PRODUCT,
        "long",
        "number of the product in this lake; never reused",
        searchable=False,
    ),
    Column(
        "uri",
        Table.PRODUCT,
        "string",
        "URI of the product: a MAST URI, or local: for your own files",
        ucd="meta.id;meta.main",
        example="mast:JWST/product/jw01039-o004_t001_miri_ch3-long_x1d.fits",
    ),
    Column(
        "fileName",
        Table.PRODUCT,
        "string",
        "name of the FITS file",
        ucd="meta.id;meta.file",
        example="jw01039-o004_t001_miri_ch3-long_x1d.fits",
        aliases=("filename",),
    ),
    Column(
        "productType",
        Table.PRODUCT,
        "string",
        "product type",
        ucd="meta.code.class",
        example="x1d",
        aliases=("product",),
        allowed_values=PRODUCT_TYPES,
    ),
    Column(
        "layout",
        Table.PRODUCT,
        "string",
        "layout of the file: pipeline, or that of a team, such as msaexp, jades or table",
        ucd="meta.code.class;meta.file",
        example="pipeline",
    ),
    Column(
        "level",
        Table.PRODUCT,
        "string",
        "calibration level of the pipeline, 3 or 2; team for spectra that teams made; simulated",
        ucd="meta.code.class",
        example="3",
        allowed_values=LEVELS,
    ),
    Column("location", Table.PRODUCT, "string", "location of the file", searchable=False),
    Column("checksum", Table.PRODUCT, "string", "SHA-256 of the file", searchable=False),
    Column(
        "fileSize",
        Table.PRODUCT,
        "long",
        "size of the file",
        unit="byte",
        ucd="phys.size;meta.file",
        example="619200",
    ),
    Column(
        "modified",
        Table.PRODUCT,
        "long",
        "modification time of the file, ns since 1970",
        searchable=False,
    ),
    Column(
        "ingested",
        Table.PRODUCT,
        "string",
        "when the product was ingested (UTC)",
        ucd="time.processing",
        example="2026-11-22T20:00:00",
        is_date=True,
    ),
)

_CONTENT = (
    Column(
        "fluxUnit",
        Table.PRODUCT,
        "string",
        "unit of `flux` and `fluxErr` of this product",
        ucd="meta.unit;phot.flux.density",
        example="Jy",
    ),
    Column(
        "surfBrightUnit",
        Table.PRODUCT,
        "string",
        "unit of `surfBright` and `sbErr` of this product",
        ucd="meta.unit;phot.flux.density.sb",
        example="MJy/sr",
    ),
    Column(
        "pixelArea",
        Table.PRODUCT,
        "float",
        "solid angle of a pixel of an image or a cube, by which surface brightnesses and flux "
        "densities convert into each other (s2d, s3d)",
        unit="sr",
        ucd="phys.angArea;instr.pixel",
        example="3.97e-13",
    ),
    Column(
        "productWavelengthMin",
        Table.PRODUCT,
        "float",
        "shortest wavelength of the product's pixels",
        unit="um",
        ucd="em.wl;stat.min",
        example="2.87",
    ),
    Column(
        "productWavelengthMax",
        Table.PRODUCT,
        "float",
        "longest wavelength of the product's pixels",
        unit="um",
        ucd="em.wl;stat.max",
        example="5.27",
    ),
    Column(
        "nSpectra",
        Table.PRODUCT,
        "long",
        "number of spectra in the product",
        ucd="meta.number",
        example="1",
    ),
    Column(
        "nStored",
        Table.PRODUCT,
        "long",
        "number of pixels that have a value and can be searched",
        ucd="meta.number",
        example="3639",
    ),
)

PRODUCT_COLUMNS = (*_FILE, *OBSERVATION_COLUMNS, *_CONTENT)
