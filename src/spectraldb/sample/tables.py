"""EXTRACT1D and COMBINE1D: tables of spectra, with one row per wavelength or per spectrum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from astropy.io import fits

from spectraldb.sample.headers import Cards, append_cards
from spectraldb.sample.measured import Array

UNSIGNED = 2**31
"""FITS has signed integers only: unsigned ones are stored with this offset (FITS 4.0, table 19)."""

Scalars: TypeAlias = Mapping[str, Any]

SCALAR_FORMATS = {
    "INT_NUM": ("J", ""),
    "SEGMENT": ("J", ""),
    "MJD-BEG": ("D", "d"),
    "MJD-AVG": ("D", "d"),
    "MJD-END": ("D", "d"),
    "TDB-BEG": ("D", "d"),
    "TDB-MID": ("D", "d"),
    "TDB-END": ("D", "d"),
    "SOURCE_ID": ("J", ""),
    "SOURCE_TYPE": ("20A", ""),
    "SOURCE_XPOS": ("D", "pix"),
    "SOURCE_YPOS": ("D", "pix"),
    "SOURCE_RA": ("D", "deg"),
    "SOURCE_DEC": ("D", "deg"),
    "N_ALONGDISP": ("U", ""),
    "EXTRACT2D_XSTART": ("U", "pix"),
    "EXTRACT2D_YSTART": ("U", "pix"),
    "EXTRACT2D_XSTOP": ("U", "pix"),
    "EXTRACT2D_YSTOP": ("U", "pix"),
}
"""FITS format and unit of the columns with one value per spectrum; `U` is an unsigned `J`."""


@dataclass(frozen=True, slots=True)
class Units:
    """Units that differ between modes and releases."""

    flux: str = "Jy"
    variance: str = "MJy^2 / sr^2"
    """Unit for surface brightness; integral field units still use `(MJy/sr)^2`."""

    def of(self, column: str) -> str:
        """Return the unit of a column."""
        if column == "WAVELENGTH":
            return "um"
        if column in ("DQ", "NPIXELS", "WEIGHT", "N_INPUT"):
            return ""
        if column.startswith(("SB_VAR", "BKGD_VAR")):
            return self.variance
        if column.startswith("FLUX_VAR"):
            return f"{self.flux}^2"
        return self.flux if column in ("FLUX", "FLUX_ERROR", "ERROR", "RF_FLUX") else "MJy/sr"


def table(
    columns: Mapping[str, Array], cards: Cards, units: Units | None = None, name: str = "EXTRACT1D"
) -> fits.BinTableHDU:
    """Return a table with a row for each wavelength.

    Parameters
    ----------
    columns : mapping of str to array, shape (n,)
        In the order of the file.
    cards : mapping
        Keywords after the column descriptions.
    units : Units, optional
        Those of NIRSpec slits by default.
    name : str
        EXTNAME.
    """
    units = units or Units()
    fields = [_column(key, "", values, units.of(key)) for key, values in columns.items()]
    return _finish(fields, cards, name)


def vector_table(
    rows: Sequence[tuple[Scalars, Mapping[str, Array]]],
    cards: Cards,
    units: Units,
    name: str = "EXTRACT1D",
) -> fits.BinTableHDU:
    """Return a table with a row for each spectrum, as jwst >= 1.19.0 for WFSS and time series.

    Parameters
    ----------
    rows : sequence of (scalars, columns)
        One pair per spectrum. The first scalar column comes before the vectors, the others after
        them.
        Vectors are padded to the longest with NaN and, in DQ, with 1.
    cards, units, name
        As for `table`.
    """
    scalars, vectors = rows[0]
    longest = max(row["WAVELENGTH"].size for _, row in rows)
    before, *after = [_scalar(key, [row[key] for row, _ in rows]) for key in scalars]
    inside = [
        _column(
            key, str(longest), _padded([row[key] for _, row in rows], longest, key), units.of(key)
        )
        for key in vectors
    ]
    return _finish([before, *inside, *after], cards, name)


def _padded(arrays: Sequence[Array], length: int, key: str) -> Array:
    out = np.full((len(arrays), length), 1.0 if key == "DQ" else np.nan)
    for row, array in zip(out, arrays, strict=True):
        row[: array.size] = array
    return out


def _scalar(key: str, values: Sequence[Any]) -> fits.Column:
    form, unit = SCALAR_FORMATS[key]
    if form == "U":
        return fits.Column(
            key, "J", unit or None, bzero=UNSIGNED, array=np.array(values, dtype=np.uint32)
        )
    return fits.Column(key, form, unit or None, array=np.array(values))


def _column(key: str, repeat: str, values: Array, unit: str) -> fits.Column:
    if key == "DQ":
        return fits.Column(key, f"{repeat}J", bzero=UNSIGNED, array=values.astype(np.uint32))
    return fits.Column(key, f"{repeat}D", unit or None, array=values)


def _finish(columns: Sequence[fits.Column], cards: Cards, name: str) -> fits.BinTableHDU:
    hdu = fits.BinTableHDU.from_columns(columns, name=name)
    append_cards(hdu.header, cards)
    return hdu
