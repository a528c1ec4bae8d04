"""The vocabulary: every column of Spectral DB, once.

The schemas of the lake's tables, the checks on conditions, ``column_metadata``, the OpenAPI
text and the documentation are all made from this table.  UCDs follow the IVOA's UCD1+ list
(https://www.ivoa.net/documents/UCD1+/); the meanings of JWST's keywords and columns follow
the data-product pages of the JWST pipeline (https://jwst-pipeline.readthedocs.io).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Literal, TypedDict, Unpack

from spectraldb.schema.tables import PRODUCT_TYPES, Table

DType = Literal["string", "float", "float32", "int", "long", "bool"]


@dataclass(frozen=True)
class Column:
    """One column: what it is called, where it lives and what it means."""

    name: str
    table: Table
    dtype: DType
    description: str
    unit: str = ""
    ucd: str = ""
    fits: tuple[str, ...] = ()
    """Header keywords (product and spectrum columns) or FITS columns and extensions (others)."""
    example: str = ""
    aliases: tuple[str, ...] = ()
    searchable: bool = True
    """False for the lake's own bookkeeping, which no answer shows."""
    digits: int = 0
    """Codes that the archive writes with leading zeros are padded to this length."""
    words: frozenset[str] = field(default_factory=frozenset)
    """The only values there are, where that is known."""
    stored: bool = True
    """False for what is computed when it is asked for."""
    unit_from: str = ""
    """The column of the product that names the unit, where each product has its own."""


class _Rest(TypedDict, total=False):
    unit: str
    ucd: str
    example: str
    aliases: tuple[str, ...]
    searchable: bool
    digits: int
    words: frozenset[str]
    stored: bool
    unit_from: str


def _column(
    table: Table, name: str, dtype: DType, description: str, *fits: str, **rest: Unpack[_Rest]
) -> Column:
    return Column(name, table, dtype, description, fits=fits, **rest)


_product = partial(_column, Table.PRODUCT)
_spectrum = partial(_column, Table.SPECTRUM)
_pixel = partial(_column, Table.PIXEL)


def _array(name: str, description: str, *fits: str, unit: str = "", ucd: str = "") -> Column:
    return Column(name, Table.ARRAY, "float", description, unit, ucd, fits)


_PRODUCTS = (
    _product(
        "productId", "long", "number of the product in this lake; never reused", searchable=False
    ),
    _product(
        "uri",
        "string",
        "what the product is called: a MAST URI; local: for one's own files",
        ucd="meta.id;meta.main",
        example="mast:JWST/product/jw01039-o004_t001_miri_ch3-long_x1d.fits",
    ),
    _product(
        "fileName",
        "string",
        "name of the FITS file",
        ucd="meta.id;meta.file",
        example="jw01039-o004_t001_miri_ch3-long_x1d.fits",
        aliases=("filename",),
    ),
    _product(
        "productType",
        "string",
        "kind of product",
        ucd="meta.code.class",
        example="x1d",
        aliases=("product",),
        words=PRODUCT_TYPES,
    ),
    _product("location", "string", "where the file is", searchable=False),
    _product("checksum", "string", "SHA-256 of the file", searchable=False),
    _product(
        "fileSize",
        "long",
        "size of the file",
        unit="byte",
        ucd="phys.size;meta.file",
        example="619200",
    ),
    _product(
        "modified", "long", "the file's time of modification, ns since 1970", searchable=False
    ),
    _product(
        "ingested",
        "string",
        "when the product was taken into the lake (UTC)",
        ucd="time.processing",
        example="2026-11-22T20:00:00",
    ),
    _product(
        "program",
        "string",
        "number of the observing programme",
        "PROGRAM",
        ucd="meta.id;obs.proposal",
        example="01328",
        digits=5,
    ),
    _product(
        "observation",
        "string",
        "number of the observation in its programme",
        "OBSERVTN",
        ucd="meta.id;obs",
        example="006",
        digits=3,
    ),
    _product(
        "title",
        "string",
        "title of the programme",
        "TITLE",
        ucd="meta.title;obs.proposal",
        example="A JWST Study of the Starburst-AGN Connection",
    ),
    _product(
        "category",
        "string",
        "category of the programme",
        "CATEGORY",
        ucd="meta.code.class;obs.proposal",
        example="GO",
    ),
    _product(
        "targetName",
        "string",
        "name of the target; the proposer's where there is no other",
        "TARGNAME",
        "TARGPROP",
        ucd="meta.id;src",
        example="NGC 7469",
    ),
    _product(
        "targetRA",
        "float",
        "right ascension (ICRS) of the target; for multi-object spectra "
        "the pointing, not the source",
        "TARG_RA",
        unit="deg",
        ucd="pos.eq.ra",
        example="345.8151",
        aliases=("targetRa",),
    ),
    _product(
        "targetDec",
        "float",
        "declination (ICRS) of the target; for multi-object spectra the pointing, not the source",
        "TARG_DEC",
        unit="deg",
        ucd="pos.eq.dec",
        example="8.8739",
        aliases=("targetDEC",),
    ),
    _product(
        "targetType",
        "string",
        "FIXED or MOVING",
        "TARGTYPE",
        ucd="meta.code.class;src",
        example="FIXED",
    ),
    _product("instrument", "string", "instrument", "INSTRUME", ucd="meta.id;instr", example="MIRI"),
    _product(
        "detector",
        "string",
        "detector; MULTIPLE if several",
        "DETECTOR",
        ucd="meta.id;instr.det",
        example="NRS1",
    ),
    _product(
        "expType",
        "string",
        "type of exposure (mode of the instrument)",
        "EXP_TYPE",
        ucd="meta.code.class;obs",
        example="MIR_MRS",
    ),
    _product(
        "filter",
        "string",
        "filter; the grism for NIRISS slitless spectra",
        "FILTER",
        ucd="meta.id;instr.filter",
        example="F290LP",
    ),
    _product(
        "pupil",
        "string",
        "element in the pupil wheel (NIRCam, NIRISS)",
        "PUPIL",
        ucd="meta.id;instr.filter",
        example="F115W",
    ),
    _product(
        "grating",
        "string",
        "grating (NIRSpec)",
        "GRATING",
        ucd="meta.id;instr.param",
        example="G395M",
    ),
    _product(
        "channel",
        "string",
        "channel (MIRI MRS, NIRCam)",
        "CHANNEL",
        ucd="meta.id;instr.param",
        example="4",
    ),
    _product(
        "band",
        "string",
        "sub-band of the channel (MIRI MRS)",
        "BAND",
        ucd="meta.id;instr.param",
        example="SHORT",
    ),
    _product("subarray", "string", "subarray", "SUBARRAY", ucd="meta.id;instr.det", example="FULL"),
    _product(
        "dateObs",
        "string",
        "start of the observation (UTC)",
        "DATE-BEG",
        "DATE-OBS",
        ucd="time.start;obs",
        example="2022-07-04T01:22:51.432",
    ),
    _product(
        "expStart",
        "float",
        "start of the first exposure (MJD, UTC)",
        "EXPSTART",
        unit="d",
        ucd="time.start;obs.exposure",
        example="59764.05",
    ),
    _product(
        "expEnd",
        "float",
        "end of the last exposure (MJD, UTC)",
        "EXPEND",
        unit="d",
        ucd="time.end;obs.exposure",
        example="59764.11",
    ),
    _product(
        "exposureTime",
        "float",
        "effective exposure time",
        "EFFEXPTM",
        "TMEASURE",
        unit="s",
        ucd="time.duration;obs.exposure",
        example="1320.9",
    ),
    _product(
        "dateMade",
        "string",
        "when the pipeline wrote the file (UTC)",
        "DATE",
        ucd="time.processing",
        example="2024-07-03T12:11:10.123",
    ),
    _product(
        "calVer",
        "string",
        "version of the calibration pipeline (jwst)",
        "CAL_VER",
        ucd="meta.version;meta.software",
        example="1.14.0",
    ),
    _product(
        "crdsContext",
        "string",
        "context of the calibration reference files",
        "CRDS_CTX",
        ucd="meta.version",
        example="jwst_1241.pmap",
    ),
    _product(
        "sdpVer",
        "string",
        "version of the data processing system",
        "SDP_VER",
        ucd="meta.version;meta.software",
        example="2024_1a",
    ),
    _product(
        "sRegion",
        "string",
        "footprint on the sky (STC-S)",
        "S_REGION",
        ucd="pos.outline;obs.field",
        example="POLYGON ICRS  345.8 8.8 345.9 8.8 345.9 8.9",
    ),
    _product(
        "fluxUnit",
        "string",
        "unit of `flux` and `fluxErr` of this product",
        ucd="meta.unit;phot.flux.density",
        example="Jy",
    ),
    _product(
        "surfBrightUnit",
        "string",
        "unit of `surfBright` and `sbErr` of this product",
        ucd="meta.unit;phot.flux.density.sb",
        example="MJy/sr",
    ),
    _product(
        "productWavelengthMin",
        "float",
        "shortest wavelength of the product's pixels",
        unit="um",
        ucd="em.wl;stat.min",
        example="2.87",
    ),
    _product(
        "productWavelengthMax",
        "float",
        "longest wavelength of the product's pixels",
        unit="um",
        ucd="em.wl;stat.max",
        example="5.27",
    ),
    _product(
        "nSpectra", "long", "how many spectra the product has", ucd="meta.number", example="1"
    ),
    _product(
        "nStored",
        "long",
        "how many pixels of the product have a value and can be found",
        ucd="meta.number",
        example="3639",
    ),
)

_SPECTRA = (
    _spectrum(
        "spectrum",
        "int",
        "number of the spectrum in its product, from 0: an extraction "
        "(x1d, c1d), an integration (x1dints), a row across the slit (s2d), a spaxel (s3d)",
        ucd="meta.id",
        example="0",
    ),
    _spectrum(
        "sourceId",
        "long",
        "number of the source in its catalogue or MSA plan",
        "SOURCE_ID",
        "SOURCEID",
        ucd="meta.id;src",
        example="6355",
    ),
    _spectrum(
        "sourceType",
        "string",
        "POINT, EXTENDED or UNKNOWN",
        "SOURCE_TYPE",
        "SRCTYPE",
        ucd="meta.code.class;src",
        example="POINT",
    ),
    _spectrum(
        "slit",
        "string",
        "name of the slit or of the MSA slitlet",
        "SLTNAME",
        ucd="meta.id;instr",
        example="S200A1",
    ),
    _spectrum("order", "int", "spectral order", "SPORDER", ucd="instr.order", example="1"),
    _spectrum(
        "integration",
        "int",
        "number of the integration in a time series, from 1",
        "INT_NUM",
        ucd="meta.number;time",
        example="1",
    ),
    _spectrum(
        "ra",
        "float",
        "right ascension (ICRS) of the spectrum: the spaxel, the slit row, the extracted source",
        unit="deg",
        ucd="pos.eq.ra;meta.main",
        example="110.8446",
    ),
    _spectrum(
        "dec",
        "float",
        "declination (ICRS) of the spectrum",
        unit="deg",
        ucd="pos.eq.dec;meta.main",
        example="-73.4500",
    ),
    _spectrum(
        "positionFrom",
        "string",
        "what `ra` and `dec` are: source, aperture, target, slit row (row) or spaxel",
        ucd="meta.note;pos",
        example="source",
    ),
    _spectrum(
        "nPixels", "int", "how many pixels the spectrum has", ucd="meta.number", example="3639"
    ),
    _spectrum("nGood", "int", "how many of them are good", ucd="meta.number", example="3610"),
    _spectrum(
        "wavelengthMin",
        "float",
        "shortest wavelength of the good pixels",
        unit="um",
        ucd="em.wl;stat.min",
        example="2.87",
    ),
    _spectrum(
        "wavelengthMax",
        "float",
        "longest wavelength of the good pixels",
        unit="um",
        ucd="em.wl;stat.max",
        example="5.27",
    ),
    _spectrum(
        "sampling",
        "float",
        "median step in wavelength from pixel to pixel",
        unit="um",
        ucd="spect.binSize;em.wl",
        example="0.000665",
    ),
    _spectrum(
        "fluxMin",
        "float",
        "lowest flux of the good pixels, in `fluxUnit`",
        ucd="phot.flux.density;stat.min",
        example="0.01",
        unit_from="fluxUnit",
    ),
    _spectrum(
        "fluxMedian",
        "float",
        "median flux of the good pixels, in `fluxUnit`",
        ucd="phot.flux.density;stat.median",
        example="0.1",
        unit_from="fluxUnit",
    ),
    _spectrum(
        "fluxMax",
        "float",
        "highest flux of the good pixels, in `fluxUnit`",
        ucd="phot.flux.density;stat.max",
        example="1",
        unit_from="fluxUnit",
    ),
    _spectrum(
        "derSnr",
        "float",
        "DER_SNR: signal to noise of the good pixels from the flux alone "
        "(Stoehr et al. 2008, ASP Conf. Ser. 394, 505)",
        ucd="stat.snr",
        example="5",
    ),
    _spectrum(
        "medianSnr",
        "float",
        "median of flux / fluxErr of the good pixels",
        ucd="stat.snr;stat.median",
        example="10",
    ),
    _spectrum(
        "snrFrom",
        "string",
        "what derSnr and medianSnr were measured on: flux, or surfBright for an extended source",
        ucd="meta.note",
        example="flux",
        words=frozenset({"flux", "surfBright"}),
    ),
)

_PIXELS = (
    _pixel(
        "pixel",
        "int",
        "index of the pixel along its spectrum, from 0",
        ucd="meta.number;instr.pixel",
        example="851",
    ),
    _pixel(
        "x",
        "int",
        "array index along x, from 0: along the spectrum (x1d, c1d, x1dints), "
        "of the image (s2d), of the spaxel (s3d)",
        ucd="pos.cartesian.x;instr.pixel",
        example="851",
    ),
    _pixel(
        "y",
        "int",
        "array index along y, from 0: of the image (s2d), of the spaxel (s3d); "
        "null in 1-D products",
        ucd="pos.cartesian.y;instr.pixel",
        example="12",
    ),
    _pixel(
        "z",
        "int",
        "index of the cube's plane, from 0 (s3d); else null",
        ucd="pos.cartesian.z;instr.pixel",
        example="100",
    ),
    _pixel(
        "wavelength",
        "float",
        "wavelength in vacuum",
        "WAVELENGTH",
        unit="um",
        ucd="em.wl",
        example="1.2,1.3",
    ),
    _pixel(
        "flux",
        "float",
        "flux density, or surface brightness in s2d and s3d, in the product's "
        "own unit (`fluxUnit`)",
        "FLUX",
        "SCI",
        ucd="phot.flux.density;em.wl",
        example="10",
        unit_from="fluxUnit",
    ),
    _pixel(
        "fluxErr",
        "float",
        "1-sigma error of the flux, in the product's own unit",
        "FLUX_ERROR",
        "ERROR",
        "ERR",
        ucd="stat.error;phot.flux.density",
        example="0.1",
        unit_from="fluxUnit",
    ),
    _pixel(
        "snr",
        "float",
        "signal to noise of the pixel: flux / fluxErr",
        ucd="stat.snr",
        example="5",
        stored=False,
    ),
    _pixel(
        "surfBright",
        "float",
        "mean surface brightness in the aperture (x1d, c1d, x1dints)",
        "SURF_BRIGHT",
        unit="MJy/sr",
        ucd="phot.flux.density.sb",
        example="3",
        unit_from="surfBrightUnit",
    ),
    _pixel(
        "sbErr",
        "float",
        "1-sigma error of the surface brightness",
        "SB_ERROR",
        unit="MJy/sr",
        ucd="stat.error;phot.flux.density.sb",
        example="0.1",
        unit_from="surfBrightUnit",
    ),
    _pixel(
        "background",
        "float",
        "background that was subtracted (x1d, x1dints)",
        "BACKGROUND",
        unit="MJy/sr",
        ucd="phot.flux.density.sb;instr.background",
        example="0.5",
    ),
    _pixel(
        "bkgdErr",
        "float",
        "1-sigma error of the background",
        "BKGD_ERROR",
        "BERROR",
        unit="MJy/sr",
        ucd="stat.error;phot.flux.density.sb",
        example="0.01",
    ),
    _pixel(
        "dq",
        "long",
        "data quality: sum of the JWST flags, 0 if nothing is wrong; 1 is DO_NOT_USE",
        "DQ",
        ucd="meta.code.qual",
        example="0",
        aliases=("quality",),
    ),
    _pixel(
        "good",
        "bool",
        "whether the pixel is good by its kind of product: wavelength, flux "
        "and error finite; 1-D and cubes: error above 0 and DO_NOT_USE not set; 2-D: weight "
        "above 0",
        ucd="meta.code.qual",
        example="true",
    ),
)

_ARRAYS = (
    _array(
        "fluxVarPoisson",
        "Poisson part of the variance of the flux",
        "FLUX_VAR_POISSON",
        ucd="stat.variance;phot.flux.density",
    ),
    _array(
        "fluxVarRnoise",
        "read-noise part of the variance of the flux",
        "FLUX_VAR_RNOISE",
        ucd="stat.variance;phot.flux.density",
    ),
    _array(
        "fluxVarFlat",
        "flat-field part of the variance of the flux",
        "FLUX_VAR_FLAT",
        ucd="stat.variance;phot.flux.density",
    ),
    _array(
        "sbVarPoisson",
        "Poisson part of the variance of the surface brightness",
        "SB_VAR_POISSON",
        ucd="stat.variance;phot.flux.density.sb",
    ),
    _array(
        "sbVarRnoise",
        "read-noise part of the variance of the surface brightness",
        "SB_VAR_RNOISE",
        ucd="stat.variance;phot.flux.density.sb",
    ),
    _array(
        "sbVarFlat",
        "flat-field part of the variance of the surface brightness",
        "SB_VAR_FLAT",
        ucd="stat.variance;phot.flux.density.sb",
    ),
    _array(
        "bkgdVarPoisson",
        "Poisson part of the variance of the background",
        "BKGD_VAR_POISSON",
        ucd="stat.variance;phot.flux.density.sb",
    ),
    _array(
        "bkgdVarRnoise",
        "read-noise part of the variance of the background",
        "BKGD_VAR_RNOISE",
        ucd="stat.variance;phot.flux.density.sb",
    ),
    _array(
        "bkgdVarFlat",
        "flat-field part of the variance of the background",
        "BKGD_VAR_FLAT",
        ucd="stat.variance;phot.flux.density.sb",
    ),
    _array("npixels", "number of detector pixels summed, fractional", "NPIXELS", ucd="meta.number"),
    _array(
        "rfFlux",
        "flux after 1-D residual fringe correction (MIRI MRS)",
        "RF_FLUX",
        ucd="phot.flux.density",
    ),
    _array(
        "rfSurfBright",
        "surface brightness after 1-D residual fringe correction (MIRI MRS)",
        "RF_SURF_BRIGHT",
        ucd="phot.flux.density.sb",
    ),
    _array(
        "rfBackground",
        "background after 1-D residual fringe correction (MIRI MRS)",
        "RF_BACKGROUND",
        ucd="phot.flux.density.sb",
    ),
    _array("weight", "sum of the weights of the spectra combined", "WEIGHT", ucd="stat.weight"),
    _array("nInput", "number of spectra combined", "N_INPUT", ucd="meta.number"),
    _array("wht", "drizzle weight, 0 where there is no data", "WHT", ucd="stat.weight"),
    _array("wmap", "weight of each voxel", "WMAP", ucd="stat.weight"),
    _array("con", "which inputs contributed, a bit each", "CON", ucd="meta.code"),
    _array("varPoisson", "Poisson part of the variance", "VAR_POISSON", ucd="stat.variance"),
    _array("varRnoise", "read-noise part of the variance", "VAR_RNOISE", ucd="stat.variance"),
    _array("varFlat", "flat-field part of the variance", "VAR_FLAT", ucd="stat.variance"),
)

RANGED = tuple(column for column in _PIXELS if column.dtype != "bool")
"""The numbers of a pixel; each spectrum tells their ranges as ``wavelengthLow, wavelengthHigh``."""


def _ranges() -> Iterator[Column]:
    for column in RANGED:
        for end, which in (("Low", "lowest"), ("High", "highest")):
            description = f"{which} `{column.name}` of the spectrum's stored pixels, good or bad"
            yield Column(
                f"{column.name}{end}",
                Table.SPECTRUM,
                column.dtype,
                description,
                column.unit,
                searchable=False,
            )


COLUMNS: tuple[Column, ...] = (*_PRODUCTS, *_SPECTRA, *_ranges(), *_PIXELS, *_ARRAYS)

UNIT_COLUMNS = {column.name: column.unit_from for column in COLUMNS if column.unit_from}
"""Columns in each product's own unit, and the column of the product that names it."""


def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of one table, in their order."""
    return tuple(column for column in COLUMNS if column.table is table)


def searchable_columns() -> Iterator[Column]:
    """Yield the columns that a search may name."""
    return (c for c in COLUMNS if c.searchable and c.table is not Table.ARRAY)


@cache
def by_name() -> dict[str, Column]:
    """Return the searchable columns by name and by alias."""
    named = {column.name: column for column in searchable_columns()}
    return named | {alias: column for column in named.values() for alias in column.aliases}


@cache
def _by_fits_name() -> dict[str, Column]:
    arrays = (column for column in COLUMNS if column.table in (Table.PIXEL, Table.ARRAY))
    return {name: column for column in arrays for name in column.fits}


def described(fits_name: str) -> Column | None:
    """Return the column that a FITS column or extension is, if the vocabulary has it."""
    return _by_fits_name().get(fits_name.upper())


_SHORT = {"error": "err"}


def camel_case(fits_name: str) -> str:
    """Return the API name of a FITS column, extension or keyword: ``FLUX_ERROR`` is ``fluxErr``.

    Names in the vocabulary are the vocabulary's; any other is split at what is no letter or
    digit and joined in camelCase.
    """
    known = described(fits_name)
    if known:
        return known.name
    words = [_SHORT.get(w, w) for w in re.split(r"[^a-z0-9]+", fits_name.lower()) if w]
    if not words:
        return "unnamed"
    return words[0] + "".join(word.capitalize() for word in words[1:])
