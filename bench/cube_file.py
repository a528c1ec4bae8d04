"""A synthetic spectral cube (s3d) for the benchmarks."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from bench.headers import asdf_table, primary

SHAPE = (3610, 50, 50)
"""Planes, rows and columns: 9 million voxels, like a cube of all bands of a MIRI channel."""

VOXELS = 3610 * 50 * 50
SCI_BYTES = 4 * VOXELS


def write_cube(folder: Path) -> Path:
    """Write a cube with SCI, ERR, DQ and WMAP; a fifth of its spaxels are outside the field."""
    path = folder / "jw01234-o500_t001_miri_ch1-shortmediumlong_s3d.fits"
    rng = np.random.default_rng(0)
    outside = _outside()
    voxels = {name: rng.lognormal(0, 1, SHAPE).astype(np.float32) for name in ("SCI", "ERR")}
    for values in voxels.values():
        values[:, outside] = np.nan
    flags = np.where(outside, np.uint32(513), np.uint32(0))
    weights = np.where(outside, np.float32(0), np.float32(4))
    science, error = (_image(name, values) for name, values in voxels.items())
    science.header.update(_world())
    error.header["BUNIT"] = "MJy/sr"
    file = fits.HDUList(
        [
            primary(path.name, "IFUCubeModel"),
            science,
            error,
            _image("DQ", np.broadcast_to(flags, SHAPE).copy()),
            _image("WMAP", np.broadcast_to(weights, SHAPE).copy()),
            asdf_table(),
        ]
    )
    file.writeto(path)
    return path


def _outside() -> NDArray[np.bool_]:
    """Return a mask of the spaxels outside the field, which is a disc; shape (rows, columns)."""
    y, x = np.mgrid[: SHAPE[1], : SHAPE[2]]
    return np.asarray(np.hypot(y - 24.5, x - 24.5) > 25)


def _image(name: str, values: NDArray[Any]) -> fits.ImageHDU:
    return fits.ImageHDU(values, name=name)


def _world() -> dict[str, Any]:
    return {
        "BUNIT": "MJy/sr",
        "WCSAXES": 3,
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CTYPE3": "WAVE",
        "CUNIT1": "deg",
        "CUNIT2": "deg",
        "CUNIT3": "um",
        "CRPIX1": 25.5,
        "CRPIX2": 25.5,
        "CRPIX3": 1.0,
        "CRVAL1": 345.62,
        "CRVAL2": 8.91,
        "CRVAL3": 4.9,
        "CDELT1": 0.13 / 3600,
        "CDELT2": 0.13 / 3600,
        "CDELT3": 0.00075,
        "PC1_1": -1.0,
        "PC2_2": 1.0,
        "PC3_3": 1.0,
    }
