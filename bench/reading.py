"""Read products as a user would, with astropy into lists that `json` can write."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from numpy.typing import NDArray

NAMES = {
    "FLUX_ERROR": "fluxErr",
    "SB_ERROR": "sbErr",
    "BKGD_ERROR": "bkgdErr",
    "SCI": "flux",
    "ERR": "fluxErr",
}
"""Names in the response that are not the camel-case form of the name in the file."""


def values(array: NDArray[Any]) -> list[Any]:
    """Return an array as lists, with None for values that JSON cannot represent."""
    if array.dtype.kind != "f":
        return list(array.tolist())
    finite = np.isfinite(array)
    if finite.all():
        return list(array.tolist())
    boxed = array.astype(object)
    boxed[~finite] = None
    return list(boxed.tolist())


def api_name(name: str) -> str:
    """Return the name of an array in the response."""
    first, *rest = name.lower().split("_")
    return NAMES.get(name) or first + "".join(word.capitalize() for word in rest)


def read_product(path: Path) -> dict[str, Any]:
    """Return the response of `retrieve` for a product."""
    with fits.open(path) as file:
        is_cube = path.name.endswith("_s3d.fits")
        metadata, data = _cube(file) if is_cube else _table(file["EXTRACT1D"])
    return {
        "status": 1,
        "message": f"Successfully found data for {path.name}",
        "uri": f"mast:JWST/product/{path.name}",
        "filename": path.name,
        "productType": "s3d" if is_cube else "x1d",
        "column_metadata": metadata,
        "data": data,
    }


def _table(hdu: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401 - astropy has no types
    metadata, data = {}, {}
    table = hdu.data
    for column in hdu.columns:
        name, array = api_name(column.name), table[column.name]
        metadata[name] = _describe(array, column.unit, column.name)
        data[name] = values(array)
    return metadata, data


def _cube(file: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401 - astropy has no types
    header = file["SCI"].header
    planes, ny, nx = file["SCI"].shape
    y, x = np.mgrid[:ny, :nx]
    ra, dec = WCS(header).celestial.pixel_to_world_values(x, y)
    pixels = np.arange(1, planes + 1)
    wavelength = header["CRVAL3"] + (pixels - header["CRPIX3"]) * header["CDELT3"]
    arrays = {"wavelength": (wavelength, "um"), "ra": (ra, "deg"), "dec": (dec, "deg")}
    metadata = {name: _describe(array, unit, "SCI") for name, (array, unit) in arrays.items()}
    data = {name: values(array) for name, (array, _) in arrays.items()}
    for hdu in file[1:]:
        if isinstance(hdu, fits.ImageHDU):
            name = api_name(hdu.name)
            metadata[name] = _describe(hdu.data, hdu.header.get("BUNIT"), hdu.name)
            data[name] = values(hdu.data)
    return metadata, data


def _describe(array: NDArray[Any], unit: str | None, extension: str) -> dict[str, str | None]:
    name = array.dtype.name
    dtype = "float" if name == "float64" else name
    return {"dtype": dtype, "description": extension, "units": unit, "fitsExt": extension}
