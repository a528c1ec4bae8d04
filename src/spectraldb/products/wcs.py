"""World coordinates of slits from a WCS-TABLE or the gwcs in ASDF, and tabulated coordinates.

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
from spectraldb.fits.header import Header
from spectraldb.fits.table import TableHdu
from spectraldb.units import MICRON, is_spectral, to_micron


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
            unit = str(wcs.output_frame.unit[2] or MICRON)
    wavelength = to_micron(np.asarray(wavelength, "f8"), unit)
    return SlitWorld(np.asarray(ra, "f8"), np.asarray(dec, "f8"), wavelength)


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
    values, unit = table_values(table, column)
    return to_micron(tabulated_coordinate(values, science, axis), unit)


def _linear_coordinate(science: Header, axis: int) -> Array:
    """Return the intermediate world coordinate of each pixel along an axis (paper I, eq. 9)."""
    pixels = np.arange(1, int(science[f"NAXIS{axis}"]) + 1)  # type: ignore[arg-type]
    defaults = {"CRVAL": 0.0, "CDELT": 1.0, "CRPIX": 0.0}
    start, step, reference = (
        float(science.get(f"{k}{axis}", default))  # type: ignore[arg-type]
        for k, default in defaults.items()
    )
    return np.asarray(start + (pixels - reference) * step, "f8")


def tabulated_coordinate(values: Array, science: Header, axis: int) -> Array:
    """Look up coordinates in a table with the -TAB algorithm (paper III, section 6).

    The intermediate coordinate is an index into the table, starting at 1.

    Raises
    ------
    RefusedError
        If the header refers to values that the table does not have.
    """
    index = _linear_coordinate(science, axis)
    if index.min() < 1 or index.max() > values.size:
        raise RefusedError(
            f"WCS-TABLE has {counted(values.size, 'wavelength')}, but axis {axis} refers to "
            f"numbers {index.min():g} to {index.max():g}."
        )
    if np.array_equal(index, np.round(index)):
        return np.asarray(values[index.astype("i8") - 1])
    return np.interp(index, np.arange(1, values.size + 1), values)


def table_values(table: TableHdu, column: str) -> tuple[Array, str]:
    """Return a column of WCS-TABLE, and its unit.

    Raises
    ------
    RefusedError
        If there is no such column, or its unit is not spectral.
    """
    field = next((f for f in table.fields if f.name.lower() == column.lower()), None)
    if field is None:
        raise RefusedError(f"WCS-TABLE has no column {column}.")
    unit = field.unit or MICRON
    if not is_spectral(unit):
        raise RefusedError(f"WCS-TABLE has wavelengths in {unit!r}, which is not a spectral unit.")
    return table.values(field, table.rows()).astype("f8").ravel(), unit
