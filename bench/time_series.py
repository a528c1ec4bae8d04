"""A synthetic time series (x1dints) of several GB, with one spectrum per row."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from bench.headers import primary
from bench.spectrum_file import UNITS

BLOCK = 2880
"""Bytes of a FITS block; headers and data are padded to whole blocks."""

PIXELS, INTEGRATIONS = 2048, 9000
"""9,000 spectra with 18 columns of 2,048 values take 2.6 GB."""


def write_time_series(folder: Path) -> Path:
    """Write the time series one integration at a time."""
    path = folder / "jw01234-o501_t001_nirspec_clear-prism_x1dints.fits"
    fits.HDUList([primary(path.name, "TSOMultiSpecModel")]).writeto(path)
    table = _one_row()
    table.header["NAXIS2"] = INTEGRATIONS
    row = _as_on_disk(table)
    rng = np.random.default_rng(0)
    with path.open("ab") as file:
        file.write(table.header.tostring().encode())
        for number in range(1, INTEGRATIONS + 1):
            row["INT_NUM"] = number
            row["FLUX"] = rng.lognormal(0, 1, PIXELS)
            file.write(row.tobytes())
        file.write(bytes(-file.tell() % BLOCK))
    return path


def _as_on_disk(table: fits.BinTableHDU) -> NDArray[Any]:
    rows = table.data
    row = np.zeros(1, rows.dtype.newbyteorder(">"))
    for name in rows.names:
        row[name] = rows[name]
    return row


def _one_row() -> fits.BinTableHDU:
    ones = np.ones((1, PIXELS))
    columns = [
        fits.Column(name, f"{PIXELS}D", unit=unit or None, array=ones)
        for name, unit in UNITS.items()
        if name not in ("WAVELENGTH", "DQ")
    ]
    wavelength = np.linspace(0.6, 5.3, PIXELS)[np.newaxis]
    return fits.BinTableHDU.from_columns(
        [
            fits.Column("INT_NUM", "J", array=[1]),
            fits.Column("N_ALONGDISP", "J", array=[PIXELS]),
            fits.Column("WAVELENGTH", f"{PIXELS}D", unit="um", array=wavelength),
            *columns,
            fits.Column("DQ", f"{PIXELS}J", array=np.zeros((1, PIXELS), "i4")),
        ],
        name="EXTRACT1D",
    )
