"""Small product files that tests write with astropy, in the forms that a test needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import Table

Cards = Mapping[str, Any]

PRIMARY: Cards = {"TELESCOP": "JWST", "INSTRUME": "NIRSPEC", "CAL_VER": "1.17.1"}


def write_x1d(
    path: Path,
    columns: Mapping[str, Any],
    units: Mapping[str, str] | None = None,
    *,
    name: str = "EXTRACT1D",
    primary: Cards | None = None,
    cards: Cards | None = None,
) -> Path:
    """Write a table of a spectrum, and return its path."""
    table = Table({key: np.asarray(values) for key, values in columns.items()})
    hdu = fits.BinTableHDU(table, name=name)
    for i, key in enumerate(columns, 1):
        if units and key in units:
            hdu.header[f"TUNIT{i}"] = units[key]
    hdu.header.update(dict(cards or {}))
    head = fits.PrimaryHDU()
    head.header.update(dict(PRIMARY) | dict(primary or {}))
    fits.HDUList([head, hdu]).writeto(path, overwrite=True)
    return path


def write_s2d(
    path: Path, wavelength: Any, unit: str | None, extensions: Mapping[str, Any] | None = None
) -> Path:
    """Write a rectified 2-D spectrum with a WAVELENGTH extension, and return its path."""
    shape = np.shape(wavelength)
    arrays = {"SCI": np.ones(shape, "f4"), "WHT": np.ones(shape, "f4"), **(extensions or {})}
    hdus: list[Any] = [fits.PrimaryHDU()]
    hdus[0].header.update(dict(PRIMARY))
    hdus += [fits.ImageHDU(np.asarray(values), name=key) for key, values in arrays.items()]
    hdus[1].header["DISPAXIS"], hdus[1].header["BUNIT"] = 1, "MJy/sr"
    hdus.append(fits.ImageHDU(np.asarray(wavelength), name="WAVELENGTH"))
    if unit is not None:
        hdus[-1].header["BUNIT"] = unit
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def write_s3d(path: Path, extensions: Mapping[str, Any], cards: Cards | None = None) -> Path:
    """Write a cube with wavelengths of 5.00, 5.01 ... micron, and return its path."""
    wcs: dict[str, Any] = {
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CRVAL1": 30.0,
        "CRVAL2": 1.0,
        "CRPIX1": 1.0,
        "CRPIX2": 1.0,
        "CDELT1": -3e-5,
        "CDELT2": 3e-5,
        "CTYPE3": "WAVE",
        "CUNIT3": "um",
        "CRVAL3": 5.0,
        "CRPIX3": 1.0,
        "CDELT3": 0.01,
        "BUNIT": "MJy/sr",
    }
    hdus: list[Any] = [fits.PrimaryHDU()]
    hdus[0].header.update(dict(PRIMARY) | {"DATAMODL": "IFUCubeModel"})
    hdus += [fits.ImageHDU(np.asarray(values), name=key) for key, values in extensions.items()]
    hdus[1].header.update(wcs | dict(cards or {}))
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path
