"""World coordinates of pixels, from the header, a WCS-TABLE or the gwcs in the ASDF extension.

Papers I and III of the FITS WCS are Greisen & Calabretta 2002, A&A 395, 1061, and Greisen et al.
2006, A&A 446, 747.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from spectraldb.arrays import Array
from spectraldb.counted import counted
from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header, Value
from spectraldb.fits.image import ImageHdu
from spectraldb.fits.table import TableHdu


@dataclass(frozen=True)
class SlitWorld:
    """World coordinates of the pixels of a rectified 2-D spectrum, each of shape (ny, nx).

    Right ascension and declination are in degrees, wavelengths in micron.
    """

    ra: Array
    dec: Array
    wavelength: Array


def slit_world(file: FitsFile, slit: int, shape: tuple[int, int]) -> SlitWorld | None:
    """Return the world coordinates of a slit, or None if the file has no gwcs for it.

    Parameters
    ----------
    file
        An s2d file.
    slit
        Index of the slit.
    shape
        Shape of the image of the slit, (ny, nx).

    Notes
    -----
    The gwcs is stored in the ASDF extension, as ``meta.wcs`` in level-3 products and
    as ``slits[i].meta.wcs`` in multi-slit products.
    """
    hdu = file.table("ASDF")
    if hdu is None:
        return None
    raw = hdu.rows()[hdu.fields[0].name][0].tobytes()
    y, x = np.mgrid[: shape[0], : shape[1]]
    import asdf  # noqa: PLC0415 - slow to import, and most retrievals do not need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about unknown tags of unused extensions
        with asdf.open(io.BytesIO(raw)) as tree:
            wcs = _find_wcs(tree.tree, slit)
            if wcs is None:
                return None
            ra, dec, wavelength = wcs(x, y)
    return SlitWorld(np.asarray(ra, "f8"), np.asarray(dec, "f8"), np.asarray(wavelength, "f8"))


def _find_wcs(tree: dict[str, Any], slit: int) -> Any:  # noqa: ANN401 - gwcs has no types
    node: Any = tree
    if "slits" in tree:
        slits = tree["slits"]
        node = slits[slit] if slit < len(slits) else {}
    meta = node.get("meta", {}) if hasattr(node, "get") else {}
    return meta.get("wcs")


def slit_table_wavelength(file: FitsFile, science: Header, axis: int) -> Array | None:
    """Return the wavelengths of a slit from WCS-TABLE, or None if its header refers to none.

    2-D spectra have this layout after jwst 3.0.0.

    Parameters
    ----------
    file
        An s2d file.
    science
        SCI header of the slit.
    axis
        FITS axis of the dispersion, 1 or 2.

    Returns
    -------
    Array or None
        In micron, shape (pixels,).
    """
    table = file.table("WCS-TABLE")
    column = science.get(f"PS{axis}_1")
    if table is None or not isinstance(column, str) or column not in (table.row_dtype.names or ()):
        return None
    return _tabulated_coordinate(table, column, science, axis)


def cube_wavelength(file: FitsFile, science: Header) -> Array:
    """Return the wavelength of each plane of a cube in micron, shape (nz,).

    Raises
    ------
    RefusedError
        If the file has no wavelengths, or their unit is not supported.
    """
    planes = int(science["NAXIS3"])  # type: ignore[arg-type]
    table = file.table("WCS-TABLE")
    if table is not None and str(science.get("CTYPE3", "")).endswith("-TAB"):
        return _tabulated_coordinate(table, "wavelength", science, 3)
    if table is not None:
        values = _table_values(table, "wavelength")
        if values.size == planes:
            return values
    if not all(isinstance(science.get(k), int | float) for k in ("CRVAL3", "CDELT3", "CRPIX3")):
        raise RefusedError(
            "The cube has no wavelengths: the file has neither a WCS-TABLE nor CRVAL3, CDELT3 and "
            "CRPIX3."
        )
    return _linear_coordinate(science, 3) * _micron_per_unit(science)


def _micron_per_unit(science: Header) -> float:
    unit = str(science.get("CUNIT3") or "um").strip()
    factors = {"um": 1.0, "micron": 1.0, "m": 1e6, "nm": 1e-3, "Angstrom": 1e-4}
    if unit not in factors:
        raise RefusedError(
            f"The cube's wavelengths have the unit {unit!r}, which is not supported. "
            f"Supported units: {', '.join(factors)}."
        )
    return factors[unit]


def _linear_coordinate(science: Header, axis: int) -> Array:
    """Return the intermediate world coordinate of each pixel along an axis (paper I, eq. 9)."""
    pixels = np.arange(1, int(science[f"NAXIS{axis}"]) + 1)  # type: ignore[arg-type]
    defaults = {"CRVAL": 0.0, "CDELT": 1.0, "CRPIX": 0.0}
    start, step, reference = (
        float(science.get(f"{k}{axis}", default))  # type: ignore[arg-type]
        for k, default in defaults.items()
    )
    return np.asarray(start + (pixels - reference) * step, "f8")


def _tabulated_coordinate(table: TableHdu, column: str, science: Header, axis: int) -> Array:
    """Look up coordinates in a table with the -TAB algorithm (paper III, section 6).

    The intermediate coordinate is an index into the table, starting at 1.
    """
    values = _table_values(table, column)
    index = _linear_coordinate(science, axis)
    if index.min() < 1 or index.max() > values.size:
        raise RefusedError(
            f"WCS-TABLE has {counted(values.size, 'wavelength')}, but axis {axis} refers to "
            f"numbers {index.min():g} to {index.max():g}."
        )
    if np.array_equal(index, np.round(index)):
        return np.asarray(values[index.astype("i8") - 1])
    return np.interp(index, np.arange(1, values.size + 1), values)


def _table_values(table: TableHdu, column: str) -> Array:
    field = next((f for f in table.fields if f.name.lower() == column.lower()), None)
    if field is None:
        raise RefusedError(f"WCS-TABLE has no column {column}.")
    return table.values(field, table.rows()).astype("f8").ravel()


_AXIS3 = (
    "NAXIS3",
    "PC1_3",
    "PC2_3",
    "PC3_1",
    "PC3_2",
    "PC3_3",
    "CTYPE3",
    "CUNIT3",
    "CRVAL3",
    "CRPIX3",
    "CDELT3",
)


def cube_sky(hdu: ImageHdu) -> tuple[Array, Array]:
    """Return right ascension and declination of the spaxels in degrees, each of shape (ny, nx).

    Right ascension is normalized to 0 to 360, even if CRVAL1 is negative.
    """
    from astropy.io.fits import Header as AstropyHeader  # noqa: PLC0415 - slow to import
    from astropy.wcs import WCS, FITSFixedWarning  # noqa: PLC0415 - slow to import

    # Drop the spectral axis: it is not needed, and astropy cannot read a tabulated one without
    # its table.
    header = AstropyHeader.fromstring(hdu.header.text)
    for keyword in list(header):
        if keyword in _AXIS3 or keyword.startswith("PS3_"):
            del header[keyword]
    header["NAXIS"] = header["WCSAXES"] = 2
    ny, nx = hdu.shape[1:]
    y, x = np.mgrid[:ny, :nx]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)
        ra, dec = WCS(header).pixel_to_world_values(x, y)
    return np.mod(ra, 360.0), np.asarray(dec, "f8")


_CELESTIAL = ("CTYPE{}", "CUNIT{}", "CRVAL{}", "CRPIX{}", "CDELT{}", "PC{}_1", "PC{}_2")


def celestial_keywords(science: Header, x: int, y: int) -> dict[str, Value]:
    """Return the celestial WCS keywords of a cut-out of a cube.

    The keywords are copied from the file, with CRPIX (paper I) relative to the cut-out.

    Parameters
    ----------
    science
        SCI header of the cube.
    x, y
        Zero-based indices of the first pixel of the cut-out.
    """
    names = [template.format(axis) for axis in (1, 2) for template in _CELESTIAL]
    keywords = {name: science[name] for name in names if name in science}
    for name, start in (("CRPIX1", x), ("CRPIX2", y)):
        reference = keywords.get(name)
        if isinstance(reference, int | float):
            keywords[name] = float(reference) - start
    frame = science.get("RADESYS")
    return keywords | ({"RADESYS": frame} if frame else {})
